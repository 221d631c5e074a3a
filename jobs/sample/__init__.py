"""Generate a synthetic archive in which every outcome occurs."""
