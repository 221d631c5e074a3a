"""The agent-extension table's history: changes to it, checks of it, and the seals of its rows."""
