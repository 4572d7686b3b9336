"""Timed overrides."""
