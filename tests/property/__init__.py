"""What must hold for any input, tried on many generated ones."""
