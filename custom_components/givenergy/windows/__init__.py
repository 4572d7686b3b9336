"""Schedules of more windows than the inverter has slots."""
