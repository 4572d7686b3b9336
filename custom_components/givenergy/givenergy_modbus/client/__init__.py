"""Talking to a plant over the network.

``client.Client`` holds the connection: it finds out what the plant is made of,
polls it and sends it commands. ``commands`` has all there is to send.
"""
