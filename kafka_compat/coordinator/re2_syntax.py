"""Whether a text is a regular expression of RE2/J, the engine of Apache Kafka's brokers; nothing is matched here.

The syntax is that of https://github.com/google/re2/wiki/Syntax as com.google.re2j.Parser 1.8 reads it in its Perl flavour: no
look-around, no back-references, no doubled repeats (`a**`), and at most a thousand repeats.
"""

from __future__ import annotations

import re
from typing import Final

_MAX_REPEATS: Final = 1000
_MAX_CODE_POINT: Final = 0x10FFFF

_PLAIN: Final = re.compile(r"[^\\()\[{|*+?]+")
_REPEAT: Final = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_FLAGS: Final = re.compile(r"\(\?[imsU]*(?:-[imsU]+)?([:)])")
_NAMED_GROUP: Final = re.compile(r"\(\?P?<([0-9A-Za-z_]+)>")
_ESCAPE: Final = re.compile(
    r"\\(?:([1-7][0-7]{1,2}|0[0-7]{0,2})|x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\}|([afnrtv])|([^0-9A-Za-z]))"
)
_UNICODE_CLASS: Final = re.compile(r"\\[pP](?:\{\^?([^}]*)\}|([^{]))", re.DOTALL)
_CONTROLS: Final = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}

_POSIX_NAMES: Final = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit"
_UNICODE_NAMES: Final = """
Any C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs
Arabic Armenian Avestan Balinese Bamum Batak Bengali Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian
Cham Cherokee Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Egyptian_Hieroglyphs Ethiopic Georgian
Glagolitic Gothic Greek Gujarati Gurmukhi Han Hangul Hanunoo Hebrew Hiragana Imperial_Aramaic Inherited
Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kayah_Li Kharoshthi Khmer Lao Latin Lepcha
Limbu Linear_B Lisu Lycian Lydian Malayalam Mandaic Meetei_Mayek Mongolian Myanmar New_Tai_Lue Nko Ogham Ol_Chiki
Old_Italic Old_Persian Old_South_Arabian Old_Turkic Oriya Osmanya Phags_Pa Phoenician Rejang Runic Samaritan Saurashtra
Shavian Sinhala Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Tamil Telugu Thaana Thai Tibetan
Tifinagh Ugaritic Unknown Vai Yi
"""
_POSIX_CLASSES: Final = frozenset(_POSIX_NAMES.split())
_UNICODE_CLASSES: Final = frozenset(_UNICODE_NAMES.split())


def is_valid(pattern: str) -> bool:
    """Whether RE2/J compiles `pattern`."""
    try:
        _Parser(pattern).parse()
    except _InvalidPattern:
        return False
    return True


class _InvalidPattern(Exception):
    pass


class _Parser:
    """Reads a pattern once, from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._group_names: set[str] = set()
        self._open_groups = 0
        # Whether a repeat would have something to stand behind.
        self._has_atom = False
        self._has_posix_ends = True

    def parse(self) -> None:
        """Read all of it.

        Raises:
            _InvalidPattern: it is not valid.
        """
        pattern = self._pattern
        is_behind_repeat = False
        while self._at < len(pattern):
            was_behind_repeat, is_behind_repeat = is_behind_repeat, False
            match pattern[self._at]:
                case "(":
                    self._open()
                case ")":
                    self._close()
                case "|":
                    self._has_atom = False
                    self._at += 1
                case "*" | "+" | "?":
                    self._at += 1
                    self._repeat(was_behind_repeat)
                    is_behind_repeat = True
                case "{" if (found := _REPEAT.match(pattern, self._at)) is not None:
                    self._at = found.end()
                    _check_times(found)
                    self._repeat(was_behind_repeat)
                    is_behind_repeat = True
                case "{":
                    self._at += 1
                    self._has_atom = True
                    # RE2/J takes a brace that is no repeat for one when the next repeat comes.
                    is_behind_repeat = True
                case "[":
                    self._class()
                    self._has_atom = True
                case "\\":
                    self._backslash()
                case _:
                    found = _PLAIN.match(pattern, self._at)
                    assert found is not None
                    self._at = found.end()
                    self._has_atom = True
        if self._open_groups:
            raise _InvalidPattern

    def _open(self) -> None:
        if self._pattern.startswith("(?", self._at):
            if self._pattern.startswith(("(?P<", "(?<"), self._at):
                found = self._expect(_NAMED_GROUP)
                if found[1] in self._group_names:
                    raise _InvalidPattern
                self._group_names.add(found[1])
            elif self._expect(_FLAGS)[1] == ")":
                return  # flags alone are no group
        else:
            self._at += 1
        self._open_groups += 1
        self._has_atom = False

    def _close(self) -> None:
        if not self._open_groups:
            raise _InvalidPattern
        self._open_groups -= 1
        self._has_atom = True
        self._at += 1

    def _repeat(self, was_behind_repeat: bool) -> None:
        if was_behind_repeat or not self._has_atom:
            raise _InvalidPattern
        if self._pattern.startswith("?", self._at):
            self._at += 1

    def _backslash(self) -> None:
        match self._pattern[self._at + 1 : self._at + 2]:
            case "Q":
                start = self._at + 2
                end = self._pattern.find("\\E", start)
                self._at = len(self._pattern) if end < 0 else end + 2
                if start < (len(self._pattern) if end < 0 else end):
                    self._has_atom = True
                return
            case "A" | "b" | "B" | "z" | "d" | "D" | "s" | "S" | "w" | "W":
                self._at += 2
            case "p" | "P":
                self._unicode_class()
            case _:
                self._escape()
        self._has_atom = True

    def _class(self) -> None:
        """`[...]`."""
        pattern = self._pattern
        self._at += 1
        if pattern.startswith("^", self._at):
            self._at += 1
        first = self._at
        while self._at == first or not pattern.startswith("]", self._at):
            if pattern.startswith("[:", self._at) and self._posix_class():
                continue
            following = pattern[self._at : self._at + 2]
            if following in ("\\p", "\\P"):
                self._unicode_class()
                continue
            if following in ("\\d", "\\D", "\\s", "\\S", "\\w", "\\W"):
                self._at += 2
                continue
            low = self._class_character()
            if pattern.startswith("-", self._at) and not pattern.startswith("-]", self._at):
                self._at += 1
                if self._class_character() < low:
                    raise _InvalidPattern
        self._at += 1

    def _posix_class(self) -> bool:
        """Read `[:name:]`; False when it is none."""
        start = self._at + 2
        # The colons may be the same one.
        end = self._pattern.find(":]", start - 1) if self._has_posix_ends else -1
        if end < 0:
            self._has_posix_ends = False
            return False
        if self._pattern[start:end].removeprefix("^") not in _POSIX_CLASSES:
            raise _InvalidPattern
        self._at = end + 2
        return True

    def _class_character(self) -> int:
        """The code point of a character in a class, which may be escaped."""
        character = self._pattern[self._at : self._at + 1]
        if not character:
            raise _InvalidPattern
        if character == "\\":
            return self._escape()
        self._at += 1
        return ord(character)

    def _unicode_class(self) -> None:
        found = self._expect(_UNICODE_CLASS)
        if (found[2] if found[1] is None else found[1]) not in _UNICODE_CLASSES:
            raise _InvalidPattern

    def _escape(self) -> int:
        """The code point that an escape stands for."""
        octal, two_digits, digits, control, itself = self._expect(_ESCAPE).groups()
        if octal is not None:
            return int(octal, 8)
        if control is not None:
            return _CONTROLS[control]
        if itself is not None:
            return ord(itself)
        code_point = int(two_digits or digits, 16)
        if code_point > _MAX_CODE_POINT:
            raise _InvalidPattern
        return code_point

    def _expect(self, form: re.Pattern[str]) -> re.Match[str]:
        found = form.match(self._pattern, self._at)
        if found is None:
            raise _InvalidPattern
        self._at = found.end()
        return found


def _check_times(repeat: re.Match[str]) -> None:
    """Check the numbers of `{n}`, `{n,}` or `{n,m}`.

    Raises:
        _InvalidPattern: there are more repeats than are allowed, or fewer at most than at least.
    """
    numbers = [digits for digits in repeat.group(1, 3) if digits]
    if any(len(digits) > len(str(_MAX_REPEATS)) or int(digits) > _MAX_REPEATS for digits in numbers):
        raise _InvalidPattern
    if len(numbers) == 2 and int(numbers[0]) > int(numbers[1]):
        raise _InvalidPattern
