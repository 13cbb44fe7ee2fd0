"""Java properties files, as java.util.Properties.load reads them from a stream (Kafka's Utils.loadProps)."""

from __future__ import annotations

import re

_LINE_END = re.compile(r"\r\n|\r|\n")
_SPACE = " \t\f"
# The name ends at the first of `=`, `:` and space that no backslash takes the meaning from.
_ENTRY = re.compile(r"((?:[^\\=: \t\f]|\\.)*)[ \t\f]*[=:]?[ \t\f]*(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def parse_properties(data: bytes) -> dict[str, str]:
    r"""The entries of a file, of a name that comes again the last.

    Raises:
        ValueError: a `\u` without four hexadecimal digits behind it.
    """
    entries: dict[str, str] = {}
    lines = _LINE_END.split(data.decode("latin-1"))
    if not lines[-1]:
        lines.pop()  # what is behind the last line end is no line
    begun: str | None = None
    for natural_line in lines:
        line = (begun or "") + natural_line.lstrip(_SPACE)
        begun = None
        if not line or line[0] in "#!":
            continue
        if (len(line) - len(line.rstrip("\\"))) % 2 == 1:
            begun = line[:-1]
        else:
            _add(line, entries)
    if begun is not None:
        _add(begun, entries)
    return entries


def _add(line: str, entries: dict[str, str]) -> None:
    entry = _ENTRY.fullmatch(line)
    assert entry is not None  # it matches everything: no line ends with a single backslash
    name, value = entry.groups()
    entries[_unescape(name)] = _unescape(value)


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_escaped, text)
    # Java's strings are UTF-16: two escapes may be one character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _escaped(escape: re.Match[str]) -> str:
    meant = escape[1]
    if meant == "u":
        raise ValueError("Malformed \\uxxxx encoding.")
    return chr(int(meant[1:], 16)) if len(meant) > 1 else _CONTROLS.get(meant, meant)
