"""Listeners whose clients come with bearer tokens: keys that change, sessions that end, and what no listener is opened with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("joserfc", reason="the extra `security`")

from kafka_compat.config.errors import BadSettings
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.security.principal import user
from kafka_compat.testing import ManualClock
from tests.support.bearer_tokens import (
    CONFIGS,
    KeyServer,
    claims,
    jwk_of,
    key_server,
    key_set,
    signed,
    standard_keys,
    unsigned,
)
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.waiting import wait_until
from tests.support.wire_client import NotAuthenticated, WireClient

PREFIX = "listener.name.sasl_plaintext.oauthbearer.sasl.oauthbearer."
BASE = {
    "listeners": "SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://127.0.0.1:0",
    "sasl.enabled.mechanisms": "OAUTHBEARER",
    "connection.failed.authentication.delay.ms": "0",
    **CONFIGS,
}
JAAS = "listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config"
MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    with key_server() as keys:
        yield keys
