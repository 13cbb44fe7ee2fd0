"""The JAAS text of `sasl.jaas.config`: a login module's class, a control flag, options, a semicolon.

    org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret" user_bob="other";

Read as Kafka's JaasConfig reads it, with Java's StreamTokenizer: what that takes is taken, also where it surprises. A `/`
begins a comment that ends with the line, and an option whose value looks like a number has none unless it stands in quotes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_CONTROL_FLAGS: Final = frozenset({"REQUIRED", "REQUISITE", "SUFFICIENT", "OPTIONAL"})
_ESCAPES: Final = {"a": "\x07", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\x0b"}
_DIGITS: Final = "0123456789.-"


class JaasError(ValueError):
    """The text is none; the message is Kafka's, and has no value of an option in it."""


class LoginModule(NamedTuple):
    """The one entry of a JAAS text."""

    name: str
    options: dict[str, str]

    def __repr__(self) -> str:
        """Without values, which are passwords for the most part."""
        return f"LoginModule({self.name!r}, {list(self.options)})"


class _Token(NamedTuple):
    """A word, a text in quotes, a number, or a character that is none of these; `text` is None for the last two."""

    kind: str
    text: str | None


_END: Final = _Token("end", None)
_NUMBER: Final = _Token("number", None)


def parse_jaas(text: str) -> LoginModule:
    """The login module that a JAAS text names, with its options.

    Raises:
        JaasError: it names none or several, or is not whole.
    """
    tokens = _Tokens(text)
    modules = []
    while (token := tokens.next()) is not _END:
        modules.append(_module(token, tokens))
    if not modules:
        raise JaasError("Login module not specified in JAAS config")
    if len(modules) != 1:
        raise JaasError(f"JAAS config property contains {len(modules)} login modules, should be 1 module")
    return modules[0]


def _module(name: _Token, tokens: _Tokens) -> LoginModule:
    flag = tokens.next()
    if flag is _END:
        raise JaasError("Login module control flag not specified in JAAS config")
    if flag.text is None:
        raise JaasError("Login module control flag is not available in the JAAS config")
    if flag.text.upper() not in _CONTROL_FLAGS:
        raise JaasError(f"Invalid login module control flag '{flag.text}' in JAAS config")
    options = {}
    while (key := tokens.next()) is not _END and key.kind != ";":
        # Not `key.text` in quotes where it may be a value that slipped: a secret.
        if tokens.next().kind != "=" or (value := tokens.next()).text is None:
            raise JaasError(f"Value not specified for key '{_shown(key)}' in JAAS config")
        options[key.text or ""] = value.text
    if key.kind != ";":
        raise JaasError("JAAS config entry not terminated by semi-colon")
    if name.text is None:
        raise JaasError("Login module not specified in JAAS config")
    return LoginModule(name.text, options)


def _shown(key: _Token) -> str:
    return "null" if key.text is None else key.text if key.kind == "word" else "..."


class _Tokens:
    """Java's StreamTokenizer with the settings of JaasConfig."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self) -> _Token:
        """The next token, `_END` at the end."""
        self._skip()
        char = self._peek()
        if not char:
            return _END
        if char in _DIGITS:
            return self._number()
        if _begins_word(char):
            return self._word()
        if char in "\"'":
            return self._quoted(char)
        self._at += 1
        return _Token(char, None)

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._text[at] if at < len(self._text) else ""

    def _skip(self) -> None:
        """White space and comments."""
        while char := self._peek():
            if char <= " ":
                self._at += 1
            elif char == "/" and self._peek(1) == "*":
                end = self._text.find("*/", self._at + 2)
                self._at = len(self._text) if end < 0 else end + 2
            elif char == "/":
                # One slash is enough; whatever stands behind it is not looked at, be it the line's end.
                self._at += 2
                while self._peek() not in ("", "\n", "\r"):
                    self._at += 1
            else:
                return

    def _number(self) -> _Token:
        """A number, or a dash that begins none."""
        if self._peek() == "-":
            following = self._peek(1)
            self._at += 1
            if not following or following not in "0123456789.":
                return _Token("-", None)
        seen_dot = False
        while char := self._peek():
            if char == "." and not seen_dot:
                seen_dot = True
            elif char not in "0123456789":
                break
            self._at += 1
        return _NUMBER

    def _word(self) -> _Token:
        start = self._at
        while (char := self._peek()) and (_begins_word(char) or char in _DIGITS):
            self._at += 1
        return _Token("word", self._text[start : self._at])

    def _quoted(self, quote: str) -> _Token:
        self._at += 1
        parts = []
        while (char := self._peek()) not in ("", quote, "\n", "\r"):
            self._at += 1
            parts.append(self._escape() if char == "\\" else char)
        if self._peek() == quote:
            self._at += 1
        return _Token("quoted", "".join(parts))

    def _escape(self) -> str:
        char = self._peek()
        if not char:
            return "\uffff"  # Java makes a character of its -1 for the end
        self._at += 1
        if char not in "01234567" or not char:
            return _ESCAPES.get(char, char)
        digits = char
        most = 3 if char <= "3" else 2
        while len(digits) < most and (following := self._peek()) and following in "01234567":
            digits += following
            self._at += 1
        return chr(int(digits, 8))


def _begins_word(char: str) -> bool:
    return (char.isascii() and char.isalpha()) or char in "_$" or char >= "\xa0"
