"""Schedules of more windows than slots."""
