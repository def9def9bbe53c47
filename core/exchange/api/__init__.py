"""Alpaca's REST and WebSocket protocols on loopback."""
