"""Names of principals are what Java and Kafka make of certificates, character by character."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls.distinguished_name import distinguished_name
from kafka_compat.security.tls.principal_mapping import NoMatchingRule, PrincipalMapper

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "ssl-principals.json.gz"


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    """What `X500Principal.getName()` and `SslPrincipalMapper` said, with the bytes and rules that they were given."""
    found: dict[str, Any] = json.loads(gzip.decompress(GOLDEN.read_bytes()))
    return found


def test_distinguished_names_are_printed_as_by_java(golden: dict[str, Any]) -> None:
    different = [
        (encoded, printed) for encoded, printed in golden["names"] if distinguished_name(bytes.fromhex(encoded)) != printed
    ]
    assert len(golden["names"]) > 600
    assert different == []


@pytest.mark.parametrize("encoded", ["", "30", "3003", "300531030", "30053103300106", "020101", "3081", "30840000000f31"])
def test_a_broken_name_is_refused(encoded: str) -> None:
    with pytest.raises(InvalidConfig):
        distinguished_name(bytes.fromhex(encoded + "0" * (len(encoded) % 2)))


def test_mapping_rules_do_what_kafka_does(golden: dict[str, Any]) -> None:
    different = []
    for rules, name, kind, text in golden["mappings"]:
        found = mapped(rules, name)
        if found[0] != kind or (text is not None and found[1] != text):
            different.append((rules, name, (kind, text), found))
    assert len(golden["mappings"]) > 1000
    assert different == []


def mapped(rules: str, name: str) -> tuple[str, str]:
    """Whether the rules are refused, or give none or a name, and what is said."""
    try:
        mapper = PrincipalMapper(rules)
    except InvalidConfig as error:
        return "refused", str(error)
    try:
        return "name", mapper.name(name)
    except NoMatchingRule as error:
        return "none", str(error)


def test_the_example_of_the_documentation() -> None:
    """Of Kafka's page on authorization, in its words."""
    mapper = PrincipalMapper(
        "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/,RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L,"
        "RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/L,DEFAULT"
    )
    assert mapper.name("CN=serviceuser,OU=ServiceUsers,O=Unknown,L=Unknown,ST=Unknown,C=Unknown") == "serviceuser"
    assert mapper.name("CN=adminUser,OU=Admin,O=Unknown,L=Unknown,ST=Unknown,C=Unknown") == "adminuser@admin"
    assert mapper.name("OU=x,CN=Somebody") == "somebody"
    assert mapper.name("O=nobody") == "O=nobody"
