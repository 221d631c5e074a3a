"""Two dates' control totals that balance."""

from schemas.manifest import Control

# No two figures are the same, so that none passes for another.
ONE = Control(1023, 1, 2, {"channel": 4, "no_agent": 8}, 16, 32, {"not_json": 64, "wrong_type": 896}, 5000, 3000, 2000)
TWO = Control(2046, 2, 4, {"no_agent": 8, "voicemail": 16}, 32, 64, {"wrong_type": 1920}, 70000, 40000, 30000)
