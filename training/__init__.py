"""Trains what ships as numbers: the embedded engine's scene head, the router's second opinion."""
