"""Swath as tools of other agents, over the Model Context Protocol."""
