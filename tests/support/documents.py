"""How documents name the tests that show what they say."""

import re

NAMED = re.compile(r"(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)")
