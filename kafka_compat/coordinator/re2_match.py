"""Whether whole texts match a regular expression of RE2/J, in time that grows with the text and no faster.

Python's own engine tries one way after the other, which some patterns make last for ever. Here the pattern becomes the states
of an automaton that is in several of them at once, as in RE2: a character costs at most a look at each, and where it has been
before, one look in a dictionary.

The syntax is checked before, by `re2_syntax`. What differs from RE2/J: a script, such as Greek, is told by the names of its
characters, and a pattern of more states than `MAX_STATES` is not matched, which nested repeats come to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MAX_STATES: Final = 20_000
_MAX_REMEMBERED: Final = 10_000
_UNBOUNDED: Final = -1

_REPEAT: Final = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_GROUP: Final = re.compile(r"\(\?P?<[0-9A-Za-z_]+>|\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_ESCAPE: Final = re.compile(r"\\(?:([1-7][0-7]{1,2}|0[0-7]{0,2})|x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\}|(.))", re.DOTALL)
_UNICODE: Final = re.compile(r"\\([pP])(?:\{(\^?)([^}]*)\}|(.))")
_CONTROLS: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_DIGITS: Final = "09"
_LETTERS: Final = "azAZ"
# Pairs of first and last character.
_ASCII: Final = {
    "d": _DIGITS,
    "s": "\t\n\f\r  ",
    "w": _DIGITS + _LETTERS + "__",
    "alnum": _DIGITS + _LETTERS,
    "alpha": _LETTERS,
    "ascii": "\0\x7f",
    "blank": "\t\t  ",
    "cntrl": "\0\x1f\x7f\x7f",
    "digit": _DIGITS,
    "graph": "!~",
    "lower": "az",
    "print": " ~",
    "punct": "!/:@[`{~",
    "space": "\t\r  ",
    "upper": "AZ",
    "word": _DIGITS + _LETTERS + "__",
    "xdigit": "09afAF",
}

_Takes = Callable[[str], bool]

# Where in the text a state may be left without taking a character: bits of a place.
_BEGIN: Final = 1
_END: Final = 2
_BEGIN_OF_LINE: Final = 4
_END_OF_LINE: Final = 8
_WORD_BOUNDARY: Final = 16
_NO_WORD_BOUNDARY: Final = 32


class PatternTooLarge(Exception):
    """The pattern has more states than `MAX_STATES`."""


class _Flags(NamedTuple):
    ignores_case: bool = False
    is_multiline: bool = False
    dot_is_all: bool = False


class _Node:
    """A part of a pattern: takes a character, stands for a place, or has parts of its own."""

    __slots__ = ("kind", "most", "parts", "place", "takes", "times")

    def __init__(
        self,
        kind: str,
        *,
        takes: _Takes | None = None,
        place: int = 0,
        parts: Sequence[_Node] = (),
        times: int = 0,
        most: int = 0,
    ) -> None:
        self.kind = kind
        self.takes = takes
        self.place = place
        self.parts = parts
        self.times = times
        self.most = most


@dataclass(slots=True)
class _Group:
    """A group that is not closed yet."""

    flags: _Flags
    outer: _Flags
    alternatives: list[list[_Node]] = field(default_factory=lambda: [[]])

    def node(self) -> _Node:
        return _Node("any", parts=[_Node("all", parts=parts) for parts in self.alternatives])


class Matcher:
    """A compiled pattern.

    Args:
        pattern: valid by `re2_syntax.is_valid`.

    Raises:
        PatternTooLarge: it has too many states.
    """

    def __init__(self, pattern: str) -> None:
        # State by state: what it takes, None for a state that is left by places only; and where that leads.
        self._takes: list[_Takes | None] = []
        self._next: list[int] = []
        # Ways out that take no character: (bits of the place that have to be there, next state).
        self._free: list[list[tuple[int, int]]] = []
        self._final = self._state()
        self._first = self._build(_parse(pattern), self._final)
        self._uses_places = any(bits for ways in self._free for bits, _ in ways)
        self._closed: dict[tuple[frozenset[int], int], frozenset[int]] = {}
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    @property
    def states(self) -> int:
        """How large the pattern is."""
        return len(self._takes)

    def matches(self, text: str) -> bool:
        """Whether the pattern matches all of `text`."""
        current = frozenset({self._first})
        for index, character in enumerate(text):
            current = self._step(self._close(current, self._place(text, index)), character)
            if not current:
                return False
        return self._final in self._close(current, self._place(text, len(text)))

    # --- states

    def _state(self, takes: _Takes | None = None, following: int = -1) -> int:
        if len(self._takes) >= MAX_STATES:
            raise PatternTooLarge
        self._takes.append(takes)
        self._next.append(following)
        self._free.append([])
        return len(self._takes) - 1

    def _build(self, node: _Node, following: int) -> int:
        """The state that `node` begins in when `following` comes after it; iterative, for groups may be deep."""
        # A job: a node with what follows it, or what to do with the states that came out of jobs before.
        out: list[int] = []
        jobs: list[tuple[str, _Node, int, int]] = [("node", node, following, 0)]
        while jobs:
            what, node, following, number = jobs.pop()
            match what, node.kind:
                case "node", "take":
                    out.append(self._state(node.takes, following))
                case "node", "place":
                    state = self._state()
                    self._free[state].append((node.place, following))
                    out.append(state)
                case "node", "all":
                    jobs.append(("all", node, following, len(node.parts)))
                case "all", _:
                    if number == 0:
                        out.append(following)
                    else:
                        jobs.append(("rest", node, 0, number - 1))
                        jobs.append(("node", node.parts[number - 1], following, 0))
                case "rest", _:
                    jobs.append(("all", node, out.pop(), number))
                case "node", "any":
                    jobs.append(("join", node, 0, len(node.parts)))
                    jobs.extend(("node", part, following, 0) for part in node.parts)
                case "join", _:
                    state = self._state()
                    self._free[state].extend((0, out.pop()) for _ in range(number))
                    out.append(state)
                case "node", _:
                    self._repeat(node, following, jobs)
                case "loop", _:
                    begin = out.pop()
                    self._free[number].extend([(0, begin), (0, following)])
                    out.append(number)
                case "again", _:
                    jobs.append(("times", node, out.pop(), number))
                case "times", _:
                    self._times(node, following, number, jobs, out)
                case "maybe", _:
                    state = self._state()
                    self._free[state].extend([(0, out.pop()), (0, following)])
                    out.append(state)
        return out.pop()

    def _repeat(self, node: _Node, following: int, jobs: list[tuple[str, _Node, int, int]]) -> None:
        jobs.append(("again", node, 0, node.times))
        if node.most == _UNBOUNDED:
            loop = self._state()
            jobs.append(("loop", node, following, loop))
            jobs.append(("node", node.parts[0], loop, 0))
        else:
            # What may be left out is built from its end, each with the way past all that follow.
            jobs.append(("times", _Node("repeat", parts=node.parts, times=following), following, node.times - node.most))

    def _times(self, node: _Node, following: int, number: int, jobs: list[tuple[str, _Node, int, int]], out: list[int]) -> None:
        """`number` parts that have to be there; when negative, so many that may be there, before what `node.times` says."""
        if number == 0:
            out.append(following)
        elif number > 0:
            jobs.append(("again", node, 0, number - 1))
            jobs.append(("node", node.parts[0], following, 0))
        else:
            jobs.append(("again", node, 0, number + 1))
            jobs.append(("maybe", node, node.times, 0))
            jobs.append(("node", node.parts[0], following, 0))

    # --- matching

    def _place(self, text: str, index: int) -> int:
        if not self._uses_places:
            return 0
        place = 0
        if index == 0:
            place |= _BEGIN | _BEGIN_OF_LINE
        elif text[index - 1] == "\n":
            place |= _BEGIN_OF_LINE
        if index == len(text):
            place |= _END | _END_OF_LINE
        elif text[index] == "\n":
            place |= _END_OF_LINE
        before = index > 0 and _is_word(text[index - 1])
        behind = index < len(text) and _is_word(text[index])
        return place | (_WORD_BOUNDARY if before != behind else _NO_WORD_BOUNDARY)

    def _close(self, states: frozenset[int], place: int) -> frozenset[int]:
        """Those that can be reached from `states` without taking a character."""
        key = (states, place)
        closed = self._closed.get(key)
        if closed is None:
            reached = set(states)
            waiting = list(states)
            while waiting:
                for bits, following in self._free[waiting.pop()]:
                    if bits & place == bits and following not in reached:
                        reached.add(following)
                        waiting.append(following)
            if len(self._closed) >= _MAX_REMEMBERED:
                self._closed.clear()
            closed = self._closed[key] = frozenset(reached)
        return closed

    def _step(self, states: frozenset[int], character: str) -> frozenset[int]:
        key = (states, character)
        following = self._steps.get(key)
        if following is None:
            reached = set()
            for state in states:
                takes = self._takes[state]
                if takes is not None and takes(character):
                    reached.add(self._next[state])
            if len(self._steps) >= _MAX_REMEMBERED:
                self._steps.clear()
            following = self._steps[key] = frozenset(reached)
        return following


# --- reading a pattern


def _parse(pattern: str) -> _Node:
    return _Reader(pattern).read()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._groups = [_Group(_Flags(), _Flags())]

    def read(self) -> _Node:
        pattern = self._pattern
        while self._at < len(pattern):
            group = self._groups[-1]
            character = pattern[self._at]
            repeat = _REPEAT.match(pattern, self._at) if character == "{" else None
            if character in "*+?" or repeat is not None:
                self._repeat(group.alternatives[-1], repeat)
            elif character == "(":
                self._open(group)
            elif character == ")":
                self._at += 1
                self._groups.pop()
                self._groups[-1].alternatives[-1].append(group.node())
            elif character == "|":
                self._at += 1
                group.alternatives.append([])
            else:
                group.alternatives[-1] += self._atoms(group.flags)
        return self._groups[0].node()

    def _open(self, group: _Group) -> None:
        found = _GROUP.match(self._pattern, self._at)
        if found is None:
            self._at += 1
            self._groups.append(_Group(group.flags, group.flags))
            return
        self._at = found.end()
        on, off, end = found.groups(default="")
        flags = group.flags
        for letters, value in ((on, True), (off, False)):
            flags = _Flags(
                value if "i" in letters else flags.ignores_case,
                value if "m" in letters else flags.is_multiline,
                value if "s" in letters else flags.dot_is_all,
            )
        if end == ")":
            group.flags = flags
        else:
            self._groups.append(_Group(flags, group.flags))

    def _repeat(self, atoms: list[_Node], numbers: re.Match[str] | None) -> None:
        if numbers is None:
            times, most = {"*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED), "?": (0, 1)}[self._pattern[self._at]]
            self._at += 1
        else:
            least, has_most, highest = numbers.groups()
            times = int(least)
            most = times if has_most is None else _UNBOUNDED if highest is None else int(highest)
            self._at = numbers.end()
        if self._pattern.startswith("?", self._at):
            self._at += 1
        atoms[-1] = _Node("repeat", parts=[atoms[-1]], times=times, most=most)

    def _atoms(self, flags: _Flags) -> list[_Node]:
        """What stands next: one character or place, or a quoted text."""
        pattern = self._pattern
        character = pattern[self._at]
        if character == "[":
            return [_Node("take", takes=self._class(flags.ignores_case))]
        if character == "\\":
            return self._backslash(flags)
        self._at += 1
        match character:
            case ".":
                takes: _Takes = _takes_all if flags.dot_is_all else _takes_all_but_newline
                return [_Node("take", takes=takes)]
            case "^":
                return [_Node("place", place=_BEGIN_OF_LINE if flags.is_multiline else _BEGIN)]
            case "$":
                return [_Node("place", place=_END_OF_LINE if flags.is_multiline else _END)]
        return [_literal(character, flags)]

    def _backslash(self, flags: _Flags) -> list[_Node]:
        pattern = self._pattern
        letter = pattern[self._at + 1]
        places = {"A": _BEGIN, "z": _END, "b": _WORD_BOUNDARY, "B": _NO_WORD_BOUNDARY}
        if letter == "Q":
            end = pattern.find("\\E", self._at + 2)
            text = pattern[self._at + 2 : len(pattern) if end < 0 else end]
            self._at = len(pattern) if end < 0 else end + 2
            return [_literal(character, flags) for character in text]
        if letter in places:
            self._at += 2
            return [_Node("place", place=places[letter])]
        takes = self._named_class()
        if takes is not None:
            return [_Node("take", takes=takes)]
        return [_literal(self._escape(), flags)]

    def _named_class(self) -> _Takes | None:
        """A class with a name, Perl's or Unicode's; None when something else stands there."""
        letter = self._pattern[self._at + 1]
        if letter in "dDsSwW":
            self._at += 2
            return _not(_in(_ASCII[letter.lower()]), letter.isupper())
        found = _UNICODE.match(self._pattern, self._at)
        if found is None:
            return None
        self._at = found.end()
        kind, caret, name, one = found.groups()
        return _not(_of_unicode(one or name), (kind == "P") != (caret == "^"))

    def _class(self, ignores_case: bool) -> _Takes:
        """`[...]`."""
        pattern = self._pattern
        self._at += 1
        is_negated = pattern.startswith("^", self._at)
        self._at += is_negated
        first = self._at
        ranges: list[str] = []
        others: list[_Takes] = []
        while self._at == first or not pattern.startswith("]", self._at):
            end = pattern.find(":]", self._at + 1) if pattern.startswith("[:", self._at) else -1
            if end >= 0:
                name = pattern[self._at + 2 : end]
                others.append(_not(_in(_ASCII[name.removeprefix("^")]), name.startswith("^")))
                self._at = end + 2
                continue
            takes = self._named_class() if pattern.startswith("\\", self._at) else None
            if takes is not None:
                others.append(takes)
                continue
            low = high = self._character()
            if pattern.startswith("-", self._at) and not pattern.startswith("-]", self._at):
                self._at += 1
                high = self._character()
            ranges += (low, high)
        self._at += 1
        takes = _any_of([_in("".join(ranges)), *others])
        return _not(_folding(takes) if ignores_case else takes, is_negated)

    def _character(self) -> str:
        if self._pattern[self._at] == "\\":
            return self._escape()
        self._at += 1
        return self._pattern[self._at - 1]

    def _escape(self) -> str:
        found = _ESCAPE.match(self._pattern, self._at)
        assert found is not None
        self._at = found.end()
        octal, two_digits, digits, character = found.groups()
        if octal is not None:
            return chr(int(octal, 8))
        if character is not None:
            return _CONTROLS.get(character, character)
        return chr(int(two_digits or digits, 16))


# --- what takes a character


def _takes_all(character: str) -> bool:
    return True


def _takes_all_but_newline(character: str) -> bool:
    return character != "\n"


def _literal(character: str, flags: _Flags) -> _Node:
    if not flags.ignores_case:
        return _Node("take", takes=character.__eq__)
    return _Node("take", takes=_folding(character.__eq__))


def _folding(takes: _Takes) -> _Takes:
    return lambda character: takes(character) or any(takes(variant) for variant in _variants(character))


def _variants(character: str) -> set[str]:
    """A character in its other cases."""
    return {character.lower(), character.upper(), character.lower().upper()}


def _in(ranges: str) -> _Takes:
    """Between two characters of a pair of `ranges`, which has them one after the other."""
    pairs = [(ranges[index], ranges[index + 1]) for index in range(0, len(ranges), 2)]
    return lambda character: any(low <= character <= high for low, high in pairs)


def _not(takes: _Takes, is_negated: bool) -> _Takes:
    return (lambda character: not takes(character)) if is_negated else takes


def _any_of(some: Sequence[_Takes]) -> _Takes:
    return lambda character: any(takes(character) for takes in some)


def _of_unicode(name: str) -> _Takes:
    """Of a general category, or of a script, whose name its characters' names begin with."""
    if name == "Any":
        return _takes_all
    if len(name) <= 2:
        return lambda character: unicodedata.category(character).startswith(name)
    prefix = name.upper().replace("_", " ") + " "
    if prefix == "HAN ":
        prefix = "CJK "
    return lambda character: unicodedata.name(character, "").startswith(prefix)


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
