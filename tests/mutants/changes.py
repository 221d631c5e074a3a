"""The changes that are tried: a source in; every mutant of it out, in the order of the text.

Python is changed by its syntax tree, so that the rest of the text stays as it is; SQL, which stands in strings, by its
tokens. A mutant that can only fail to compile proves nothing and is not among them.
"""

import ast
import io
import itertools
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple


class Mutant(NamedTuple):
    """A source with one change. `was` and `becomes` are the text of the line without the blanks around it."""

    file: str
    start: int
    end: int
    text: str
    line: int
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}\n    - {self.was}\n    + {self.becomes}"


Change = tuple[int, int, str]

_COMPARED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
_COMPUTED = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "+"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
# Types, messages, and what is said of a class or a function before it is one.
_NOT_RUN = ("annotation", "returns", "decorator_list", "exc", "cause", "bases")
# A word of the data: an outcome, a reason, a column, a key.
_WORD = re.compile(r"[a-z][a-z_]+")

_SQL = re.compile(
    r"\b(SELECT|FROM|WHERE|UNION|EXCEPT|IS (NOT )?(NULL|DISTINCT)|(PARTITION|ORDER) BY|COPY|JOIN|WHEN)\b|coalesce\("
)
_SETTINGS = (
    r"(?<!header)(?<!columns)(?<!delim)(?<!quote)(?<!escape)(?<!new_line)(?<!filename)(?<!SET outcome)(?<!reason)"
)
_TERM = r"(?:(?! AND | OR | THEN| GROUP | ORDER | WINDOW |\n|\"\"\"|\"\Z).)+"
_IN_SQL = [
    (r"\bUNION ALL\b(?! BY NAME)", ["UNION"]),
    (r"\bUNION\b(?! ALL)", ["UNION ALL"]),
    (r"\bEXCEPT ALL\b", ["EXCEPT"]),
    (r" <> ", [" = "]),
    (_SETTINGS + r" = (?!true|false|'\\)", [" <> "]),
    (r" <= ", [" < "]),
    (r" >= ", [" > "]),
    (r" < ", [" <= "]),
    (r" > ", [" >= "]),
    (r"(?<!PRECEDING) AND ", [" OR "]),
    (r" OR (?!REPLACE)", [" AND "]),
    (rf"(?<!PRECEDING) AND {_TERM}", [""]),
    (rf"(?<=WHERE ){_TERM} AND ", [""]),
    (rf"(?<= ON ){_TERM} AND ", [""]),
    (rf"\b(?:WHERE|HAVING) {_TERM}(?= GROUP | ORDER |\n|\"\Z)", [""]),
    (r" DESC\b", [""]),
    (r"(?<=ORDER BY )(\w+(?:\.\w+)?)\b(?! DESC|\.|\()", [r"\1 DESC"]),
    (r"(?<=PARTITION BY )\w+, ", [""]),
    (r"\bORDER BY \w+(?:\.\w+)?(?:, \w+(?:\.\w+)?)*(?=\)| *\n)", [""]),
    (r"\bmin\(", ["max("]),
    (r"\bmax\(", ["min("]),
    (r"\bleast\(", ["greatest("]),
    (r"\blag\(", ["lead("]),
    (r"\blead\(", ["lag("]),
    (r"\brow_number\(\)", ["rank()"]),
    (r"\brank\(\)", ["row_number()"]),
    (r"\b(LEFT|FULL) JOIN\b", ["JOIN"]),
    (r"\bFULL JOIN\b", ["LEFT JOIN"]),
    (r"\bIS NOT NULL\b", ["IS NULL"]),
    (r"\bIS NULL\b", ["IS NOT NULL"]),
    (r"\bIS NOT DISTINCT FROM\b", ["IS DISTINCT FROM", "="]),
    (r"\bIS DISTINCT FROM\b", ["IS NOT DISTINCT FROM", "<>"]),
    (r"\bcoalesce\((\w+(?:\.\w+)?), [^(){}]+\)", [r"\1"]),
    (r"\bDISTINCT (?!FROM)", [""]),
    (r"\bNOT (?!NULL|DISTINCT|IN\b)", [""]),
    (r"\bNOT IN\b", ["IN"]),
    (r"(?<= )IN \(", ["NOT IN ("]),
    (r"(?<=\()'\w+', (?=')", [""]),
    (r"(?<='), '\w+'(?=\))", [""]),
    (r"(?<![\w'\\])'([a-z_]\w*|0)'(?!:)", [r"'x\1'"]),
    (r"(?<![\w.'$\[])(\d+)(?![\w'\]])", ["+1"]),
    (r" \+ ", [" - "]),
    (r" - ", [" + "]),
    (r" // ", [" * "]),
    (r"\btrue\b", ["false"]),
    (r"\bfalse\b", ["true"]),
]


def mutants(file: str, source: str) -> list[Mutant]:
    """Every change to a source that still is Python."""
    tree = ast.parse(source)
    at = _Places(source)
    found: dict[Change, Mutant] = {}
    for start, end, text in itertools.chain(_of_python(tree, source, at), _of_sql(source, at)):
        changed = source[:start] + text + source[end:]
        if source[start:end] != text and _compiles(changed):
            line = source.count("\n", 0, start)
            was, becomes = (_line(whole, line) for whole in (source, changed))
            found[start, end, text] = Mutant(file, start, end, text, line + 1, was, becomes)
    return [found[place] for place in sorted(found)]


def _line(source: str, number: int) -> str:
    lines = source.split("\n")
    return lines[number].strip() if number < len(lines) else ""


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


class _Places:
    """Where nodes are in the text; the syntax tree counts bytes."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._starts = [0, *(match.end() for match in re.finditer("\n", source))]

    def of(self, line: int, column: int) -> int:
        """The place of a line, from 1, and a column in bytes."""
        start = self._starts[line - 1]
        text = self._source[start : start + column]
        return start + len(text.encode()[:column].decode())

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.of(node.lineno, node.col_offset), self.of(node.end_lineno, node.end_col_offset)


def _of_python(tree: ast.AST, source: str, at: _Places) -> Iterator[Change]:
    for node in _walked(tree):
        match node:
            case ast.Compare():
                for left, operator, right in zip(
                    [node.left, *node.comparators], node.ops, node.comparators, strict=False
                ):
                    yield from _between(source, at, left, right, *_COMPARED[type(operator)])
            case ast.BoolOp(op, values):
                pair = ("and", "or") if isinstance(op, ast.And) else ("or", "and")
                for left, right in itertools.pairwise(values):
                    yield from _between(source, at, left, right, *pair)
                for value in values:
                    yield (*at.span(value), "True" if isinstance(op, ast.And) else "None")
            case ast.UnaryOp(ast.Not(), operand):
                yield at.span(node)[0], at.span(operand)[0], ""
            case ast.BinOp(left, op, right) if type(op) in _COMPUTED and not _is_text(left) and not _is_text(right):
                yield from _between(source, at, left, right, *_COMPUTED[type(op)])
            case ast.If(test) | ast.While(test) | ast.IfExp(test) if not isinstance(test, ast.Compare | ast.BoolOp):
                start, end = at.span(test)
                yield start, end, f"(not ({source[start:end]}))"
            case ast.comprehension(ifs=conditions):
                yield from ((*at.span(condition), "True") for condition in conditions)
            case ast.Call(ast.Name(name)) if name in _CALLED:
                yield (*at.span(node.func), _CALLED[name])
            case ast.Constant(bool() as value) | ast.Constant(int() as value):
                yield (*at.span(node), str(not value) if isinstance(value, bool) else str(value + 1))
            case ast.Constant(str() as value) if _WORD.fullmatch(value):
                start, end = at.span(node)
                yield start, end, source[start:end].replace(value, "x" + value)
            case ast.Tuple(elements) | ast.List(elements) | ast.Set(elements) if _are_constants(elements):
                for one, (left, right) in enumerate(itertools.pairwise(elements)):
                    yield at.span(left)[0], at.span(right)[0], ""
                    if one == len(elements) - 2 and len(elements) > 2:
                        yield at.span(left)[1], at.span(right)[1], ""
            case ast.Expr(ast.Yield() | ast.YieldFrom()):
                yield (*at.span(node), "yield from ()")
            case ast.Expr(ast.Call()) | ast.Raise() | ast.Continue() | ast.Break() | ast.AugAssign():
                yield (*at.span(node), "pass")
            case _:
                pass


def _walked(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run, in the order of the text."""
    for name, value in ast.iter_fields(node):
        if name in _NOT_RUN or (name == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_left_out(child):
                continue
            yield child
            yield from _walked(child)


def _is_left_out(node: ast.AST) -> bool:
    """Texts with values in them, whose places Python 3.11 does not tell; docstrings; what is for type checkers; and
    `strict`, which says what the code itself takes for granted.
    """
    match node:
        case ast.JoinedStr() | ast.Expr(ast.Constant()) | ast.If(ast.Name("TYPE_CHECKING")) | ast.keyword("strict"):
            return True
        case _:
            return False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.Tuple | ast.List) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def _are_constants(elements: list[ast.expr]) -> bool:
    return len(elements) > 1 and all(isinstance(element, ast.Constant) for element in elements)


def _between(source: str, at: _Places, left: ast.expr, right: ast.expr, was: str, becomes: str) -> Iterator[Change]:
    """An operator between two operands, where brackets and line ends may be, too."""
    start, end = at.span(left)[1], at.span(right)[0]
    if (found := re.search(re.escape(was), source[start:end])) is not None:
        yield start + found.start(), start + found.end(), becomes


def _of_sql(source: str, at: _Places) -> Iterator[Change]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.STRING or not _SQL.search(token.string) or _stands_alone(token):
            continue
        start = at.of(token.start[0], len(token.line[: token.start[1]].encode()))
        for pattern, replacements in _IN_SQL:
            for found in re.finditer(pattern, token.string):
                for replacement in replacements:
                    text = str(int(found[1]) + 1) if replacement == "+1" else found.expand(replacement)
                    if _is_balanced(found[0]) or replacement:
                        yield start + found.start(), start + found.end(), text


def _stands_alone(token: tokenize.TokenInfo) -> bool:
    """Whether a string is a docstring: there is nothing else on its first line."""
    return not token.line[: token.start[1]].strip() and token.string.startswith('"""')


def _is_balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter in "({") - (letter in ")}")
        if depth < 0:
            return False
    return depth == 0
