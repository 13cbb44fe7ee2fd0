"""Lines of Python with their indentation, and conditions over versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from protocol_gen.layout import Field
from protocol_gen.model import NONE, Versions

LINE_LENGTH = 128

# Format letter and the short name in the constants' names, of each fixed-width type.
FORMATS = {
    "bool": ("?", "B1"),
    "int8": ("b", "I1"),
    "int16": ("h", "I2"),
    "uint16": ("H", "U2"),
    "int32": ("i", "I4"),
    "uint32": ("I", "U4"),
    "int64": ("q", "I8"),
    "float64": ("d", "F8"),
    "uuid": ("16s", "ID"),
}


class Code:
    """A module under construction: its lines and the precompiled struct formats it uses."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.formats: dict[str, str] = {}
        self._depth = 0

    def line(self, text: str = "") -> None:
        self.lines.append("    " * self._depth + text if text else "")

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """What is written inside is indented below `head`; an `else:` with nothing inside is left out."""
        self.line(head)
        before = len(self.lines)
        self._depth += 1
        yield
        if len(self.lines) == before:
            if head == "else:":
                self.lines.pop()
            else:
                self.line("pass")
        self._depth -= 1

    def listing(self, head: str, items: Sequence[str], tail: str) -> None:
        """`head`, the items and `tail`, in one line when they fit, else an item a line."""
        text = head + ", ".join(items) + tail
        if len(text) + 4 * self._depth <= LINE_LENGTH:
            self.line(text)
            return
        with self.block(head):
            for item in items:
                self.line(f"{item},")
        self.line(tail)

    def fixed(self, elements: Sequence[str]) -> tuple[str, int]:
        """The constant that packs these fixed-width types, and their size."""
        from struct import calcsize

        name = "_" + "_".join(FORMATS[one][1] for one in elements)
        layout = ">" + "".join(FORMATS[one][0] for one in elements)
        self.formats[name] = layout
        return name, calcsize(layout)


def condition(versions: Versions, scope: Versions) -> str | None:
    """When a version of `scope` is one of `versions`: an expression, None for always; the two must meet."""
    both = versions.intersect(scope)
    low = both.low > scope.low
    high = both.high < scope.high
    if not low and not high:
        return None
    if both.low == both.high:
        return f"version == {both.low}"
    if low and high:
        return f"{both.low} <= version <= {both.high}"
    return f"version >= {both.low}" if low else f"version <= {both.high}"


def split(versions: Versions, scope: Versions) -> list[tuple[str | None, Versions, bool]]:
    """(`if` head or None, part of the scope, whether it is inside `versions`) for each branch to write."""
    both = versions.intersect(scope)
    if both.is_empty:
        return [(None, scope, False)]
    test = condition(versions, scope)
    if test is None:
        return [(None, scope, True)]
    # The part outside may have a hole; only its outer bounds matter to nested conditions.
    low = scope.low if both.low > scope.low else both.high + 1
    high = scope.high if both.high < scope.high else both.low - 1
    return [(f"if {test}:", both, True), ("else:", Versions(low, high), False)]


def runs_by_presence(fields: Sequence[Field], scope: Versions) -> Iterator[tuple[Versions, list[Field]]]:
    """Consecutive fields that stand in their place in the same versions of `scope`, with those versions."""
    run: list[Field] = []
    present = NONE
    for one in fields:
        versions = one.spec.mandatory.intersect(scope)
        if run and versions != present:
            yield present, run
            run = []
        present = versions
        run.append(one)
    if run:
        yield present, run


def runs_of_fixed(fields: Sequence[Field]) -> Iterator[list[Field]]:
    """Consecutive fixed-width fields together, each other field alone."""
    run: list[Field] = []
    for one in fields:
        if one.spec.is_fixed:
            run.append(one)
            continue
        if run:
            yield run
            run = []
        yield [one]
    if run:
        yield run


def needs_split(fields: Sequence[Field], flexible: Versions, scope: Versions) -> bool:
    """Whether the layout of the struct changes inside `scope` because the versions become flexible."""
    both = flexible.intersect(scope)
    if both.is_empty or both == scope:
        return False
    return any(not one.spec.is_fixed and not one.spec.mandatory.intersect(scope).is_empty for one in fields)
