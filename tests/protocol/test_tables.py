"""API keys and error codes are those of a running Kafka 4.3.1, and the generated files are what the generator writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_compat.protocol.api_keys import API_VERSIONS, ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.registry import (
    GROUP_COORDINATOR_RECORDS,
    MODULES,
    SHARE_COORDINATOR_RECORDS,
    TRANSACTION_COORDINATOR_RECORDS,
    message_class,
    request_class,
    response_class,
)
from tests.support.protocol_vectors import GOLDEN

ROOT = Path(__file__).parent.parent.parent


def test_generated_files_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_broker_s_versions_are_the_schemas() -> None:
    listed = json.loads((GOLDEN / "api-versions.json").read_text())
    for row in listed:
        key = ApiKey(row["api_key"])
        versions = API_VERSIONS[key]
        # Produce is listed from 0 for old clients' sake.
        assert row["min_version"] == (0 if key == ApiKey.PRODUCE else versions.min_version)
        assert row["max_version"] == versions.max_stable_version


def test_error_codes_are_kafka_s() -> None:
    expected = json.loads((GOLDEN / "errors.json").read_text())
    assert [(one.value, one.name, one.retriable) for one in ErrorCode] == [
        (row["code"], row["name"], row["retriable"]) for row in expected
    ]


def test_every_api_has_its_classes() -> None:
    for key, versions in API_VERSIONS.items():
        if versions.min_version > versions.max_version:
            with pytest.raises(KeyError):
                request_class(key)
            continue
        for message in (request_class(key), response_class(key)):
            assert key == message.API_KEY  # type: ignore[attr-defined]
            assert versions.min_version == message.MIN_VERSION  # type: ignore[attr-defined]
            assert versions.max_version == message.MAX_VERSION  # type: ignore[attr-defined]
            assert versions.flexible_from == message.FLEXIBLE_FROM  # type: ignore[attr-defined]


def test_every_record_type_has_key_and_value() -> None:
    names: list[str] = []
    for table in (GROUP_COORDINATOR_RECORDS, TRANSACTION_COORDINATOR_RECORDS, SHARE_COORDINATOR_RECORDS):
        for record_type, pair in table.items():
            names += pair
            assert [message_class(name).RECORD_TYPE for name in pair] == [record_type] * 2  # type: ignore[attr-defined]
    assert len(names) == 50
    assert set(names) <= set(MODULES)


def test_nothing_imports_all_messages() -> None:
    code = (
        "import sys, kafka_compat.protocol.envelope, kafka_compat.protocol.registry;"
        "print([name for name in sys.modules if name.startswith('kafka_compat.protocol.messages.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr
