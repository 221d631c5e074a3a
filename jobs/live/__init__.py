"""The live job's parts: its tables, and the function that turns payloads into outcome rows."""
