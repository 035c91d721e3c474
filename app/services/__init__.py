"""What the agent asks of others: the vision services, and where threads are kept."""
