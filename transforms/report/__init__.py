"""SQL for the figures of the report, over the columns that a role may see."""
