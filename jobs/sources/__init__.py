"""Where payloads come from: archived files, and what is inside them."""
