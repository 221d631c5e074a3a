"""What is known of mutants: those that are tried always, those without an effect, and those that no test notices."""

# The source, the line as it is and as it becomes, both without the blanks around them.
Key = tuple[str, str, str]

ALWAYS: frozenset[Key] = frozenset()
WITHOUT_EFFECT: dict[Key, str] = {}
UNNOTICED: dict[Key, str] = {}
