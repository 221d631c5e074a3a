"""The figures of the report's pages, as SQL over the columns that a role may see."""
