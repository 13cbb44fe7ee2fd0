"""SASL byte by byte, against Apache Kafka: what is taken before a client is known, and what of sessions that end.

`tests/support/sasl_conversations.py` has what is said.
"""

from __future__ import annotations

import hashlib
from functools import partial

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from kafka_compat.protocol.messages.list_offsets import ListOffsetsRequest, ListOffsetsResponse
from tests.conformance.both import ANY_ERROR, Both, Side
from tests.conformance.normalise import Normal
from tests.conformance.secured import AGAIN, BRIEF, MECHANISMS
from tests.support.sasl_conversations import CONVERSATIONS, RE_AUTHENTICATIONS, Conversation, hold
from tests.support.waiting import until
from tests.support.wire_client import ConnectionClosed, NotAuthenticated, WireClient

SCRAM = {1: ("SCRAM-SHA-256", "sha256"), 2: ("SCRAM-SHA-512", "sha512")}
REFUSED = 58


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda each: each.name)
def test_before_a_client_is_known(authenticating: Both, conversation: Conversation) -> None:
    answers: list[Normal] = [list(hold(side.listeners[MECHANISMS], conversation.steps)) for side in authenticating.sides]
    authenticating.compare_values(conversation.name, ApiKey.SASL_AUTHENTICATE, *answers, expect=ANY_ERROR)


@pytest.mark.parametrize("conversation", RE_AUTHENTICATIONS, ids=lambda each: each.name)
def test_sessions_that_end(authenticating: Both, conversation: Conversation) -> None:
    answers: list[Normal] = [list(hold(side.listeners[AGAIN], conversation.steps)) for side in authenticating.sides]
    authenticating.compare_values(conversation.name, ApiKey.SASL_AUTHENTICATE, *answers, expect=ANY_ERROR)


def test_a_session_that_has_ended_takes_a_new_authentication_and_nothing_else(authenticating: Both) -> None:
    for side in authenticating.sides:
        with WireClient(side.listeners[BRIEF], user="alice", password="secret") as client:
            until(partial(_is_closed, client))
        with WireClient(side.listeners[BRIEF], user="alice", password="secret") as client:
            assert client.authenticate("alice", "secret") == 1, side.kind


def _is_closed(client: WireClient) -> bool:
    try:
        client.call(ListOffsetsRequest(replica_id=-1), 1, ListOffsetsResponse)
    except ConnectionClosed:
        return True
    return False


@pytest.mark.parametrize("mechanism", SCRAM)
def test_scram_credentials_count_at_once(authenticating: Both, mechanism: int) -> None:
    """What is set, changed and deleted through the plain listener, tried out with each mechanism."""
    name = authenticating.name("user")
    answers: list[Normal] = []
    for side in authenticating.sides:
        tried: list[Normal] = [_tried(side, name)]
        for password, iterations in (("one", 4096), ("two", 16384)):
            _alter(side, name, mechanism, password, iterations)
            tried.append(_tried(side, name))
        deletion = ScramCredentialDeletion(name=name, mechanism=mechanism)
        request = AlterUserScramCredentialsRequest(deletions=[deletion])
        assert side.call(request, 0, AlterUserScramCredentialsResponse).results[0].error_code == 0
        tried.append(_tried(side, name))
        answers.append(tried)
    right = SCRAM[mechanism][0]
    assert answers[-1] == [
        {
            f"{name} {password}": 0 if (name, password) == (right, wanted) else REFUSED
            for name, _ in SCRAM.values()
            for password in ("one", "two")
        }
        for wanted in ("none", "one", "two", "none")
    ]
    authenticating.compare_values("what is let in", ApiKey.ALTER_USER_SCRAM_CREDENTIALS, *answers, expect=ANY_ERROR)


def _alter(side: Side, name: str, mechanism: int, password: str, iterations: int) -> None:
    salted = hashlib.pbkdf2_hmac(SCRAM[mechanism][1], password.encode(), b"a salt of tests", iterations)
    upsertion = ScramCredentialUpsertion(
        name=name, mechanism=mechanism, iterations=iterations, salt=b"a salt of tests", salted_password=salted
    )
    request = AlterUserScramCredentialsRequest(upsertions=[upsertion])
    assert side.call(request, 0, AlterUserScramCredentialsResponse).results[0].error_code == 0


def _tried(side: Side, name: str) -> Normal:
    """The error code of each password with each mechanism, which takes the reference a moment to settle on."""

    def once() -> dict[str, Normal]:
        return {
            f"{mechanism} {password}": _code(side, name, mechanism, password)
            for mechanism, _ in SCRAM.values()
            for password in ("one", "two")
        }

    outcomes = once()
    while (again := once()) != outcomes:
        outcomes = again
    return dict(outcomes)


def _code(side: Side, name: str, mechanism: str, password: str) -> int:
    try:
        WireClient(side.listeners[MECHANISMS], user=name, password=password, mechanism=mechanism).close()
    except NotAuthenticated as refusal:
        return int(refusal.args[0])
    return 0
