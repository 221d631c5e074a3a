"""Read the agent-extension table, update it from DynamoDB, and check it."""
