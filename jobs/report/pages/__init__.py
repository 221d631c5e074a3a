"""What the page of each role shows: its figures, and how they are drawn."""
