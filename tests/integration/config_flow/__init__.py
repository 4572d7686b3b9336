"""The flows that add, move and configure a plant."""
