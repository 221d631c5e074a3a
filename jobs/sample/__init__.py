"""A synthetic archive of contact records: the same seed gives the same bytes. Nobody in it is real."""
