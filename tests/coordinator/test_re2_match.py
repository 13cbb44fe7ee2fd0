"""Matching whole texts by a regular expression of RE2/J."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_compat.coordinator import re2_syntax
from kafka_compat.coordinator.re2_match import Matcher, PatternTooLarge


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("", [""], ["a", "\n"]),
        ("orders", ["orders"], ["order", "orders1", "xorders"]),
        ("orders-.*", ["orders-", "orders-1"], ["orders", "orders-\n"]),
        ("(?s)a.b", ["a\nb", "axb"], ["ab"]),
        ("a|b|", ["a", "b", ""], ["ab"]),
        ("(?:ab)+c?", ["ab", "ababc"], ["c", "abcc"]),
        ("a*?b+?", ["b", "aabb"], ["a"]),
        ("a{2}", ["aa"], ["a", "aaa"]),
        ("a{2,}", ["aa", "aaaa"], ["a"]),
        ("a{1,3}b", ["ab", "aaab"], ["b", "aaaab"]),
        ("a{0,1000}", ["", "a" * 1000], ["a" * 1001]),
        ("x{,3}", ["x{,3}"], ["x"]),
        ("(?i)Orders", ["ORDERS", "orders"], ["order"]),
        ("(?i)[a-c]+", ["ABC"], ["D"]),
        ("(?i)[^a]", ["b"], ["A", "a"]),
        ("(?i:a)b", ["Ab", "ab"], ["aB"]),
        ("a(?i)b", ["aB"], ["AB"]),
        ("(a(?i)b)c", ["aBc"], ["aBC"]),
        (r"\d+\s\w", ["12 x", "1\t_"], ["1 -", "٣ x"]),
        (r"\D\S\W", ["ab-"], ["1b-", "a -"]),
        ("[[:alpha:]]+", ["ab"], ["a1"]),
        ("[[:^digit:]x]", ["a", "x"], ["1"]),
        (r"[\d\-a]", ["1", "-", "a"], ["b"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[^]a]", ["b"], ["]"]),
        ("[a-]", ["a", "-"], ["b"]),
        (r"\p{Greek}+", ["λόγος"], ["logos"]),
        (r"\pL\PL", ["a1"], ["aa"]),
        (r"\p{^Lu}", ["a"], ["A"]),
        (r"[\p{Nd}x]", ["٣", "x"], ["a"]),
        (r"\Q(a+\E+", ["(a+", "(a+++"], ["(a"]),
        (r"\x41\x{1F600}\101\n", ["A😀A\n"], ["A"]),
        (r"^a$", ["a"], ["a\n"]),
        (r"\Aa\z", ["a"], ["a\n"]),
        (r"(?m)a$\n^b", ["a\nb"], ["a", "ab"]),
        (r"a\b-\bb", ["a-b"], ["ab"]),
        (r"\Ba|a\B", [], ["a"]),
        (r"\b", [], ["", "a"]),
        ("(?P<n>a)(?<m>b)", ["ab"], ["a"]),
        ("()*", [""], ["a"]),
        ("(a|b)*abb", ["abb", "babaabb"], ["ab"]),
        ("a{", ["a{"], ["a"]),
    ],
)
def test_patterns(pattern: str, matching: list[str], others: list[str]) -> None:
    assert re2_syntax.is_valid(pattern)
    matcher = Matcher(pattern)
    for text in matching:
        assert matcher.matches(text), text
        assert matcher.matches(text), "again, from memory"
    for text in others:
        assert not matcher.matches(text), text


def test_time_does_not_explode() -> None:
    assert not Matcher("(a*)*b").matches("a" * 2_000)
    assert not Matcher("(a|aa)+" * 10 + "b").matches("a" * 2_000)
    assert Matcher("(" * 2_000 + "a" + ")" * 2_000).matches("a")
    assert Matcher("a|" * 2_000).matches("")


def test_too_many_states() -> None:
    with pytest.raises(PatternTooLarge):
        Matcher("((a{100}){100}){100}")


_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "(?:)", r"\w", r"\W", "^", "$", r"\b", r"\B"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(_PATTERNS, st.text("ab-", max_size=6))
def test_as_python_matches(pattern: str, text: str) -> None:
    # Python's $ is also in front of a last newline; its \B is nowhere in an empty text.
    if text:
        assert Matcher(pattern).matches(text) == (re.fullmatch(pattern, text, re.ASCII) is not None)
