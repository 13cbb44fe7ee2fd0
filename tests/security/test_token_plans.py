from __future__ import annotations

import hashlib
import hmac

import pytest

from kafka_compat.metadata.changes import DelegationTokenRemoved, DelegationTokenSet
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.principal import Principal, user
from kafka_compat.security.token_plans import (
    MAX_RENEWERS,
    check_renewers,
    plan_expiry,
    plan_renewal,
    plan_sweep,
    plan_token,
    token_hmac,
)

NOW_MS = 1_000_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LONG_MAX = (1 << 63) - 1
TOKEN = DelegationTokenSet(
    "id", "User:alice", "User:admin", ["User:bob"], NOW_MS, expires_ms=NOW_MS + HOUR_MS, max_ms=NOW_MS + DAY_MS
)


def planned(wanted_ms: int, *, max_lifetime_ms: int = 7 * DAY_MS, renew_lifetime_ms: int = DAY_MS) -> tuple[int, int]:
    token = plan_token(
        "id",
        user("alice"),
        user("admin"),
        [user("bob")],
        wanted_ms,
        NOW_MS,
        max_lifetime_ms=max_lifetime_ms,
        renew_lifetime_ms=renew_lifetime_ms,
    )
    assert (token.owner, token.requester, token.renewers) == ("User:alice", "User:admin", ["User:bob"])
    return token.expires_ms - NOW_MS, token.max_ms - NOW_MS


@pytest.mark.parametrize(
    ("wanted_ms", "expires_and_max_ms"),
    [
        (-1, (DAY_MS, 7 * DAY_MS)),
        (0, (DAY_MS, 7 * DAY_MS)),
        (HOUR_MS, (HOUR_MS, HOUR_MS)),
        (LONG_MAX, (DAY_MS, 7 * DAY_MS)),
    ],
)
def test_a_new_token_lives_as_long_as_asked_within_the_limits(wanted_ms: int, expires_and_max_ms: tuple[int, int]) -> None:
    assert planned(wanted_ms) == expires_and_max_ms


def test_lifetimes_beyond_64_bits_are_for_ever() -> None:
    assert planned(-1, max_lifetime_ms=LONG_MAX, renew_lifetime_ms=LONG_MAX) == (LONG_MAX - NOW_MS, LONG_MAX - NOW_MS)


@pytest.mark.parametrize(("wanted_ms", "lives_ms"), [(-1, DAY_MS - 5), (0, DAY_MS - 5), (10, 10), (LONG_MAX, DAY_MS - 5)])
def test_a_renewal_never_outlives_the_token(wanted_ms: int, lives_ms: int) -> None:
    now_ms = NOW_MS + 5
    renewed = plan_renewal(TOKEN, user("bob"), wanted_ms, now_ms, renew_lifetime_ms=DAY_MS)
    assert renewed == TOKEN._replace(expires_ms=now_ms + lives_ms)


@pytest.mark.parametrize(("period_ms", "lives_ms"), [(0, 0), (10, 10), (LONG_MAX, DAY_MS)])
def test_an_expiry_may_be_later_too(period_ms: int, lives_ms: int) -> None:
    assert plan_expiry(TOKEN, user("alice"), period_ms, NOW_MS) == TOKEN._replace(expires_ms=NOW_MS + lives_ms)


def test_below_zero_the_token_goes_even_when_it_has_expired() -> None:
    assert plan_expiry(TOKEN, user("alice"), -1, NOW_MS + 2 * DAY_MS) == DelegationTokenRemoved("id")


def refusal(token: DelegationTokenSet | None, requester: Principal, now_ms: int) -> tuple[ErrorCode, ErrorCode]:
    with pytest.raises(KafkaError) as renewal:
        plan_renewal(token, requester, 10, now_ms, renew_lifetime_ms=DAY_MS)
    with pytest.raises(KafkaError) as expiry:
        plan_expiry(token, requester, 10, now_ms)
    return renewal.value.error_code, expiry.value.error_code


def test_refusals_and_their_order() -> None:
    expired, mismatch = ErrorCode.DELEGATION_TOKEN_EXPIRED, ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH
    assert refusal(None, user("alice"), NOW_MS) == (ErrorCode.DELEGATION_TOKEN_NOT_FOUND,) * 2
    assert refusal(TOKEN, user("carol"), NOW_MS) == (mismatch, mismatch)
    assert refusal(TOKEN, Principal("Robot", "alice"), NOW_MS) == (mismatch, mismatch)
    # Who asked for the token has no part in it.
    assert refusal(TOKEN, user("admin"), NOW_MS) == (mismatch, mismatch)
    assert refusal(TOKEN, user("alice"), NOW_MS + HOUR_MS + 1) == (expired, expired)
    assert refusal(TOKEN, user("carol"), NOW_MS + HOUR_MS + 1) == (expired, mismatch)


def test_a_token_lives_through_its_last_millisecond() -> None:
    plan_renewal(TOKEN, user("alice"), 10, NOW_MS + HOUR_MS, renew_lifetime_ms=DAY_MS)


def test_sweep_takes_what_has_expired_some_at_a_time() -> None:
    image = ClusterImage()
    for number in range(5):
        image.apply(TOKEN._replace(token_id=f"short-{number}", expires_ms=NOW_MS - 1))
        image.apply(TOKEN._replace(token_id=f"over-{number}", max_ms=NOW_MS - 1))
        image.apply(TOKEN._replace(token_id=f"good-{number}"))
    removed = plan_sweep(image, NOW_MS, most=7)
    assert len(removed) == 7
    for change in removed:
        image.apply(change)
    assert len(plan_sweep(image, NOW_MS, most=7)) == 3
    assert all(not change.token_id.startswith("good") for change in removed)


@pytest.mark.parametrize(
    ("renewers", "error_code"),
    [
        ([user("a"), Principal("Group", "b")], ErrorCode.INVALID_PRINCIPAL_TYPE),
        ([user("a")] * (MAX_RENEWERS + 1), ErrorCode.INVALID_REQUEST),
        ([user("a" * 30_000)] * 3, ErrorCode.INVALID_REQUEST),
    ],
)
def test_renewers_that_no_token_can_have(renewers: list[Principal], error_code: ErrorCode) -> None:
    check_renewers([user("a")] * MAX_RENEWERS)
    with pytest.raises(KafkaError) as refused:
        check_renewers(renewers)
    assert refused.value.error_code == error_code


def test_hmac_is_kafkas() -> None:
    assert token_hmac("id", "sécret") == hmac.new("sécret".encode(), b"id", hashlib.sha512).digest()
