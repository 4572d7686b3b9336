"""Devices that follow their serial numbers."""
