"""The history of the agent-extension table: updates, checks, and seals of its rows."""
