"""From a certificate's distinguished name to a principal's name, by `ssl.principal.mapping.rules` (KIP-371).

Rules are `DEFAULT`, the name as it is, and `RULE:pattern/replacement/` with `L` or `U` behind it for lower or upper case; the
first one whose pattern matches the whole name counts. Source: Kafka's `SslPrincipalMapper`; patterns and replacements are those
of `java.util.regex`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from kafka_compat.config.errors import InvalidConfig

_RULE: Final = r"(DEFAULT)|RULE:((?:\\.|[^\\/])*)/((?:\\.|[^\\/])*)/([LU]?).*?|(.*?)"
_SPLITTER: Final = re.compile(rf"\s*({_RULE})\s*(?:,\s*|$)", re.ASCII)
_PARSER: Final = re.compile(_RULE, re.ASCII)
_BACK_REFERENCE: Final = re.compile(r"\$([0-9]+)")
_JAVA_ONLY: Final = re.compile(
    r"\\Q(?P<literal>.*?)(?:\\E|$)|\(\?<(?P<name>[a-zA-Z][a-zA-Z0-9]*)>|\\k<(?P<reference>\w+)>|\\.", re.S
)
_TRIMMED: Final = "".join(map(chr, range(33)))


class NoMatchingRule(Exception):
    """No rule applies to a name, or the one that does cannot be carried out."""


class _Rule(NamedTuple):
    """One rule; a `pattern` of None is DEFAULT."""

    text: str
    pattern: re.Pattern[str] | None
    replacement: str
    case: str

    def apply(self, name: str) -> str | None:
        """The principal's name; None when the pattern does not match."""
        pattern = self.pattern
        if pattern is None:
            return name
        if not pattern.fullmatch(name):
            return None
        template = _with_literal_references(self.replacement, pattern.groups)
        # All matches, as in Kafka: a pattern that also matches nothing has a second one at the end.
        parts: list[str] = []
        position = 0
        for match in _find_all(pattern, name):
            parts += name[position : match.start()], _expand(template, match)
            position = match.end()
        result = "".join(parts) + name[position:]
        return result.lower() if self.case == "L" else result.upper() if self.case == "U" else result


class PrincipalMapper:
    """The rules of one listener.

    Args:
        rules: the config's text.

    Raises:
        InvalidConfig: it is none, in Kafka's words, or has a pattern that there is only in Java.
    """

    def __init__(self, rules: str) -> None:
        self._rules = [rule for text in _split(rules) if (rule := _parse(text)) is not None]

    def name(self, distinguished_name: str) -> str:
        """The principal's name.

        Raises:
            NoMatchingRule: no rule applies.
        """
        for rule in self._rules:
            found = rule.apply(distinguished_name)
            if found is not None:
                return found
        raise NoMatchingRule(f"No rules apply to {distinguished_name}, rules [{', '.join(rule.text for rule in self._rules)}]")


def _split(rules: str) -> list[str]:
    return [match[1] for match in _find_all(_SPLITTER, rules.strip(_TRIMMED))]


def _find_all(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches as Java's `find` has them: behind one of nothing it goes on with the next character."""
    position = 0
    while position <= len(text) and (match := pattern.search(text, position)) is not None:
        yield match
        position = match.end() + (match.end() == match.start())


def _parse(text: str) -> _Rule | None:
    """The rule; None for an empty one, which does not count."""
    match = _PARSER.match(text)
    if match is None or match.end() != len(text):
        rest = text if match is None else text[match.end() :]
        raise InvalidConfig(f"Invalid rule: `{text}`, unmatched substring: `{rest}`")
    if match[1] is not None:
        return _Rule("DEFAULT", None, "", "")
    if match[2] is None:
        return None
    case = match[4] or ""
    shown = f"RULE:{match[2]}/{match[3]}" + (f"/{case}" if case else "")
    return _Rule(shown, _compiled(match[2]), match[3], case)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(_JAVA_ONLY.sub(_as_python, pattern), re.ASCII)
    except re.error as error:
        raise InvalidConfig(f"ssl.principal.mapping.rules: the pattern {pattern} cannot be used: {error}") from None


def _as_python(match: re.Match[str]) -> str:
    """What is written otherwise in Python's patterns."""
    if match["literal"] is not None:
        return re.escape(match["literal"])
    if match["name"] is not None:
        return f"(?P<{match['name']}>"
    if match["reference"] is not None:
        return f"(?P={match['reference']})"
    return match[0]


def _with_literal_references(replacement: str, groups: int) -> str:
    """References to groups that there are not, as text. Source: `escapeLiteralBackReferences`.

    A second one is escaped one character too early, as there.
    """
    if not groups:
        return replacement
    value = replacement
    for reference in _BACK_REFERENCE.finditer(replacement):
        digits = reference[1]
        if digits.startswith("0"):
            continue
        index = int(digits)
        while index > groups and index >= 10:
            index //= 10
        if index > groups:
            start = reference.start(1) - 1
            value = f"{value[:start]}\\{value[start:]}"
    return value


def _expand(template: str, match: re.Match[str]) -> str:
    """The replacement with its references. Source: `java.util.regex.Matcher.appendReplacement`."""
    parts: list[str] = []
    position = 0
    while position < len(template):
        char = template[position]
        position += 1
        if char not in "\\$":
            parts.append(char)
            continue
        if position == len(template):
            raise NoMatchingRule(f"the replacement {template} ends with {char}")
        if char == "\\":
            parts.append(template[position])
            position += 1
            continue
        group, position = _reference(template, position, match)
        parts.append(match[group] or "")
    return "".join(parts)


def _reference(template: str, position: int, match: re.Match[str]) -> tuple[int | str, int]:
    """The group that is meant behind a dollar sign, and where the text goes on."""
    if template[position] == "{":
        end = template.find("}", position)
        name = template[position + 1 : end]
        if end < 0 or name not in match.re.groupindex:
            raise NoMatchingRule(f"the replacement {template} names a group that there is not")
        return name, end + 1
    if template[position] not in "0123456789":
        raise NoMatchingRule(f"the replacement {template} has a $ that means no group")
    group = int(template[position])
    if group > match.re.groups:
        raise NoMatchingRule(f"the replacement {template} means group {group}, and there is none")
    position += 1
    while position < len(template) and template[position] in "0123456789":
        longer = 10 * group + int(template[position])
        if longer > match.re.groups:
            break
        group = longer
        position += 1
    return group, position
