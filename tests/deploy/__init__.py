"""What a platform deploys, as far as it can be tested without a cloud."""
