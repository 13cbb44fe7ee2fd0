"""JAAS texts, read as Kafka's JaasConfig reads them: the values were asked of it."""

from __future__ import annotations

import pytest

from kafka_compat.security.sasl.jaas import JaasError, LoginModule, parse_jaas

MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"


@pytest.mark.parametrize(
    ("options", "read"),
    [
        ("", {}),
        ('user_alice="secret"', {"user_alice": "secret"}),
        ("username=admin password='a b'", {"username": "admin", "password": "a b"}),
        ('user_a="1" user_a="2"', {"user_a": "2"}),
        ('user_a = "spaces"', {"user_a": "spaces"}),
        ('user_a\n=\n"lines"', {"user_a": "lines"}),
        (r'user_a="quote \" and \\ and \t"', {"user_a": 'quote " and \\ and \t'}),
        (r'user_a="octal \101\060\7"', {"user_a": "octal A0\x07"}),
        (r'user_a="\477"', {"user_a": "'7"}),
        (r'user_a="\x\n\a\v\b\f\r"', {"user_a": "x\n\x07\x0b\b\f\r"}),
        ('user_a="it\'s"', {"user_a": "it's"}),
        ("user_a='say \"x\"'", {"user_a": 'say "x"'}),
        ('user_a="=;,/*#"', {"user_a": "=;,/*#"}),
        ('user_a=""', {"user_a": ""}),
        ('user_a="ä€😀"', {"user_a": "ä€😀"}),
        ("user_a=wörd", {"user_a": "wörd"}),
        ("user_a=w-_$1.2", {"user_a": "w-_$1.2"}),
        ('user_a-b.c$d="x"', {"user_a-b.c$d": "x"}),
        ('"user_quoted"="x"', {"user_quoted": "x"}),
        ('user_a="x" // the rest\n user_b="y"', {"user_a": "x", "user_b": "y"}),
        ('user_a="x" /* user_c="z" */ user_b="y"', {"user_a": "x", "user_b": "y"}),
        ('user_a="x" / one slash is a comment too\n user_b="y"', {"user_a": "x", "user_b": "y"}),
        ('user_a="the line ends it\n user_b="y"', {"user_a": "the line ends it", "user_b": "y"}),
        ('user_a="x" /\n user_c="z"\n user_b="y"', {"user_a": "x", "user_b": "y"}),
    ],
)
def test_options(options: str, read: dict[str, str]) -> None:
    assert parse_jaas(f"{MODULE} required {options};") == LoginModule(MODULE, read)


@pytest.mark.parametrize("flag", ["required", "REQUISITE", "Sufficient", "optional"])
def test_control_flags(flag: str) -> None:
    assert parse_jaas(f"{MODULE} {flag};").name == MODULE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Login module not specified in JAAS config"),
        (" // nothing", "Login module not specified in JAAS config"),
        (MODULE, "Login module control flag not specified in JAAS config"),
        (f"{MODULE};", "Login module control flag is not available in the JAAS config"),
        (f"{MODULE} 12;", "Login module control flag is not available in the JAAS config"),
        (f"{MODULE} must;", "Invalid login module control flag 'must' in JAAS config"),
        (f"{MODULE} required", "JAAS config entry not terminated by semi-colon"),
        (f'{MODULE} required a="b"', "JAAS config entry not terminated by semi-colon"),
        (f"{MODULE} required a;", "Value not specified for key 'a' in JAAS config"),
        (f"{MODULE} required a=;", "Value not specified for key 'a' in JAAS config"),
        (f"{MODULE} required a=", "Value not specified for key 'a' in JAAS config"),
        (f"{MODULE} required a b;", "Value not specified for key 'a' in JAAS config"),
        (f"{MODULE} required a=123;", "Value not specified for key 'a' in JAAS config"),
        (f"{MODULE} required a=-1x;", "Value not specified for key 'a' in JAAS config"),
        (f"{MODULE} required a=#;", "Value not specified for key 'a' in JAAS config"),
        (f"{MODULE} required; {MODULE} required;", "JAAS config property contains 2 login modules, should be 1 module"),
        (f"{MODULE} required; x", "Login module control flag not specified in JAAS config"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(JaasError) as refusal:
        parse_jaas(text)
    assert str(refusal.value) == said


def test_a_secret_is_not_in_a_refusal() -> None:
    with pytest.raises(JaasError) as refusal:
        parse_jaas(f'{MODULE} required user_a "my-secret";')
    assert "my-secret" not in str(refusal.value)
