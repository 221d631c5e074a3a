"""A synthetic archive in which every outcome occurs."""
