"""Whole takeovers, through the flows and with a recorder."""
