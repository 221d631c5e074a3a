"""From the bytes of a contact record to its outcome row."""
