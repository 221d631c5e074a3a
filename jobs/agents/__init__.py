"""The agent-extension table: read it, keep it up to date from DynamoDB, check it."""
