"""The commands of a system's devices, and where their slots are kept."""
