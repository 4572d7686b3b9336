"""Timed overrides: charge, export or hold until a time, and then as before."""
