"""How long a loop waits before it tries again after an error."""

_LONGEST_PAUSE_SECONDS = 300


def next_pause(pause: float, poll: float) -> float:
    """Return the seconds until the next attempt, after one that failed: twice the pause before it, up to a limit."""
    return min(pause * 2, max(_LONGEST_PAUSE_SECONDS, poll))
