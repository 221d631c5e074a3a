"""The tables of the live job, and the function that classifies every payload."""
