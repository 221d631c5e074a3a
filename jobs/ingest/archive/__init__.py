"""Read contact records from each file format that an archive may have."""
