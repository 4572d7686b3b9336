"""The devices of a system, one module per kind; inverters are in the package above."""
