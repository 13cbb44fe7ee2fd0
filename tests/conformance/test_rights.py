"""Who may do what: every API as users with no, some and all rights, on what is there and what is not, beside Apache Kafka.

Each user of `rights.py` sends each case of the modules `rights_of_*.py`; error codes and all that answers show are compared.
A comparison is of one request in one version, and has the answers of all users.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.api_keys import ApiKey
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.normalise import Normal, Replacement
from tests.conformance.rights import USERS
from tests.conformance.rights_ground import GONE_ID, Case, Ground
from tests.conformance.rights_of_cluster import CASES as CLUSTER_CASES
from tests.conformance.rights_of_groups import CASES as GROUP_CASES
from tests.conformance.rights_of_records import CASES as RECORD_CASES
from tests.conformance.rights_of_topics import CASES as TOPIC_CASES

_ALWAYS: dict[str, Replacement] = {"throttle_time_ms": 0}
# Part of the conversation before there is a user: `test_sasl` and `test_api_versions` have them.
_BEFORE_RIGHTS = {ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE}


def _by_api() -> dict[ApiKey, list[Case]]:
    found = defaultdict(list)
    for case in (*RECORD_CASES, *GROUP_CASES, *TOPIC_CASES, *CLUSTER_CASES):
        found[case.api].append(case)
    return dict(sorted(found.items()))


CASES = _by_api()


def test_every_api_is_asked() -> None:
    assert {*CASES, *_BEFORE_RIGHTS} == {handler.api_key for handler in HANDLERS.values()}


# Who may renew and expire a token is said by the token; metrics of their own everybody may push.
_WITHOUT_RIGHTS = {
    ApiKey.RENEW_DELEGATION_TOKEN,
    ApiKey.EXPIRE_DELEGATION_TOKEN,
    ApiKey.GET_TELEMETRY_SUBSCRIPTIONS,
    ApiKey.PUSH_TELEMETRY,
}


@pytest.mark.parametrize("api", CASES, ids=lambda api: api.name)
def test_rights(secured: Both, grounds: tuple[Ground, ...], api: ApiKey) -> None:
    secured.keep_id(GONE_ID)
    makes_a_difference = False
    for case in CASES[api]:
        for version in case.versions or (HANDLERS[api].max_version,):
            answers = [_answers(secured, ground, case, version) for ground in grounds]
            secured.compare_values(f"{case.label} v{version}", api, *answers, expect=ANY_ERROR)
            makes_a_difference |= any(answer != answers[-1]["nothing"] for answer in answers[-1].values())
    assert makes_a_difference or api in _WITHOUT_RIGHTS, "all users are told the same"


def _answers(secured: Both, ground: Ground, case: Case, version: int) -> dict[str, Normal]:
    answers: dict[str, Normal] = {}
    for user in USERS:
        answers[user] = secured.answer(
            ground.side,
            case.request(ground, version),
            version,
            replace={**_ALWAYS, **case.replace},
            unordered=case.unordered,
            user=user,
        )
        if case.reconnects:
            ground.side.close_of(user)
        if case.undo is not None:
            case.undo(ground)
    return answers
