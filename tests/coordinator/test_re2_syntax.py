"""What com.google.re2j.Pattern 1.8 compiles and what it refuses, as it was asked."""

from __future__ import annotations

import pytest

from kafka_compat.coordinator import re2_syntax

VALID = (
    "", "a", "a.*b", "^$", "a|b|", "|", "()", "(a)(b)", "((a|b)*c)+", "(?:a)", "(?i)a", "(?i-s:a)", "(?-i)", "(?)", "a(?i)*",
    "(?P<n>a)", "(?<n>a)", "(?P<n>a)(?<m>b)", "(?<1_a>x)",
    "a*", "a+?", "a??", "a*?", "^*", "()*", "[a]*", r"\d*", "a|b*", "a*(?i)*", r"a*\Q\E*",
    "a{2}", "a{2,}", "a{0,1000}", "a{0,0}", "a{2}?", "a{", "a{}", "a{,3}", "a{01}", "a{1,01}", "a{ 1}", "a}", "{", "{a}",
    "(a{1000}){2}",
    "[a-z]", "[^a]", "[]a]", "[^]]", "[a-]", "[-a]", "[a^]", "[[]", "[.]", "[a-a]", r"[\d-z]", r"[\]]", r"[\n-\r]", r"[\x41-Z]",
    "[[:alpha:]]", "[[:^word:]x]", "[[:a]", "[:alpha:]", "[:]:", r"[\pL\P{Greek}]", "[ä-ü]", "]", "[\n]",
    r"\d\D\s\S\w\W", r"\A\z", r"\b\B", r"\a\f\n\r\t\v", r"\.\*\_\-\ ", r"\ä", r"\0", r"\012", r"\12", r"\777", r"\x41",
    r"\x{41}", r"\x{10FFFF}", r"\pL", r"\PN", r"\p{Lu}", r"\p{^Greek}", r"\p{Any}", r"\Qa(*\E", r"\Qa", r"\Q\E",
    r"a\Q\E*", r"\Qa\E*", "ä😀",
)  # fmt: skip
INVALID = (
    "*", "+a", "?", "|*", "(*a)", "(|+)", "(?i)*", r"\Q\E*", "a**", "a++", "a*?*", "a{2}{3}", "a{2}*", "a*{2}", "{*", "a{{2}",
    "a{1001}", "a{1001,}", "a{0,1001}", "a{2,1}", "a{99999999999999999999}",
    "(", ")", "(a", "a)", "(()", "(?", "(?:", "(?i", "(?z)", "(?-)", "(?i-)", "(?i--s)", "(?=a)", "(?!a)", "(?<=a)", "(?#a)",
    "(?P=n)", "(?P<>a)", "(?<a b>c)", "(?<n", "(?<n>a)(?P<n>b)", "(?<ä>a)",
    "[", "[]", "[^]", "[a", "[a-", "[b-a]", "[[:nope:]]", "[[:]:]]", r"[a-\d]", r"[\q]", "[\\",
    r"[\p{Nope}]", "[[:alpha:]",
    "\\", r"\q", r"\1", r"\8", r"\18", r"\Z", r"\G", r"\C", r"\E", r"\x", r"\x4", r"\x{}", r"\x{110000}", r"\x{41",
    r"\p", r"\p{", r"\p{}", r"\p{Nope}", r"\p{greek}", r"\px", r"\p^L", r"\pé",
)  # fmt: skip


@pytest.mark.parametrize("pattern", VALID)
def test_valid(pattern: str) -> None:
    assert re2_syntax.is_valid(pattern)


@pytest.mark.parametrize("pattern", INVALID)
def test_invalid(pattern: str) -> None:
    assert not re2_syntax.is_valid(pattern)
