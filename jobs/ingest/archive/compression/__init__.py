"""The forms in which files are compressed: a file for each, and the nesting of them."""
