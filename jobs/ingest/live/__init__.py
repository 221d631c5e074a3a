"""The live job: its tables, and the function that classifies every payload."""
