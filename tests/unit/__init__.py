"""One test module per module of the product, and for the generator and the oracle."""
