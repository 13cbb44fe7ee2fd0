r"""Properties files. What stands here as expected is what java.util.Properties of Java 17 makes of the same bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_compat.config.properties import parse_properties


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        # the end of a name
        (b"a=b", {"a": "b"}),
        (b"a:b", {"a": "b"}),
        (b"a b", {"a": "b"}),
        (b"a \t\f= \t\fb c ", {"a": "b c "}),
        (b"a = = b", {"a": "= b"}),
        (b"a==b", {"a": "=b"}),
        (b"a : = b", {"a": "= b"}),
        (b"a", {"a": ""}),
        (b"a=", {"a": ""}),
        (b"=b", {"": "b"}),
        (b"a\\=\\:\\ b=c", {"a=: b": "c"}),
        (b"a\\\\=b", {"a\\": "b"}),
        # lines
        (b"", {}),
        (b"a=1\nb=2\rc=3\r\nd=4", {"a": "1", "b": "2", "c": "3", "d": "4"}),
        (b"a=1\na=2\n", {"a": "2"}),
        (b"\n \t\f\r\n  a=1", {"a": "1"}),
        (b"a=1\x0b2\x1c3\x854", {"a": "1\x0b2\x1c3\x854"}),
        (b"# a=1\n  ! b=2\nc=#3\n#", {"c": "#3"}),
        (b"# a \\\nb=2", {"b": "2"}),
        # lines that go on
        (b"a=1,\\\n   2,\\\r\n\t3", {"a": "1,2,3"}),
        (b"a\\\n b=1", {"ab": "1"}),
        (b"a\\\n  =1", {"a": "1"}),
        (b"a=1\\\\\nb=2", {"a": "1\\", "b": "2"}),
        (b"a=1\\\\\\\nb=2", {"a": "1\\b=2"}),
        (b"a=1\\\n#2", {"a": "1#2"}),
        (b"a=1\\\n\nb=2", {"a": "1", "b": "2"}),
        (b"\\\n# a=1\nb=2", {"b": "2"}),
        (b"\\\n\\\nb=2", {"b": "2"}),
        (b"a=1\\", {"a": "1"}),
        (b"a=1\\\n", {"a": "1"}),
        (b"a=1\\\n  ", {"a": "1"}),
        # escapes, which are looked at when a line is whole
        (b"a=\\u00\\\n  41", {"a": "A"}),
        (b"a=\\t\\n\\r\\f\\b\\0\\q", {"a": "\t\n\r\fb0q"}),
        (b"a=C:\\kafka\\data", {"a": "C:kafkadata"}),
        (b"\\u0061\\u003d=\\u00e9\\u20AC", {"a=": "\xe9\u20ac"}),
        (b"a=\\ud83d\\ude00 \\ud83d", {"a": "\U0001f600 \ud83d"}),
        (b"a=\\\\u12", {"a": "\\u12"}),
        (b"a=\\\\\\u0031", {"a": "\\1"}),
        (b"a=\xe9\x80", {"a": "\xe9\x80"}),
    ],
)
def test_what_java_reads(data: bytes, entries: dict[str, str]) -> None:
    assert parse_properties(data) == entries


@pytest.mark.parametrize("data", [b"a=\\u12", b"a=\\u12g4", b"a\\u=1", b"a=\\\\\\u"])
def test_what_java_refuses(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"Malformed \\uxxxx encoding\."):
        parse_properties(data)


def stored(text: str) -> bytes:
    """An escape for each UTF-16 unit but small letters."""
    encoded = text.encode("utf-16-be")
    units = [encoded[position : position + 2] for position in range(0, len(encoded), 2)]
    return b"".join(unit[1:] if b"\0a" <= unit <= b"\0z" else b"\\u" + unit.hex().encode() for unit in units)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=5), st.sampled_from([b"=", b" = ", b": "]))
def test_what_is_written_is_read(entries: dict[str, str], separator: bytes) -> None:
    data = b"\n".join(stored(name) + separator + stored(value) for name, value in entries.items())
    assert parse_properties(data) == entries
