"""Trains the scene head that the embedded engine ships with."""
