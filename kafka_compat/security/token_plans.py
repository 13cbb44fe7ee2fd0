"""Decides what becomes of delegation tokens (KIP-48); pure functions over the image.

Source: Kafka's `DelegationTokenControlManager`, whose order of checks this keeps. The records of a token do not hold its
secret: that is an HMAC of the token's id under `delegation.token.secret.key`, made anew whenever it is needed.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from typing import Final

from kafka_compat.metadata.changes import DelegationTokenRemoved, DelegationTokenSet
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.principal import USER_TYPE, Principal, parse_principal

_LONG_MAX: Final = (1 << 63) - 1

# Every renewer is kept for as long as its token lives, and told with it. Kafka takes as many as fit a request.
MAX_RENEWERS: Final = 1000
_MAX_RENEWER_CHARACTERS: Final = 64 * 1024


def token_hmac(token_id: str, secret_key: str) -> bytes:
    """The 64 bytes that prove a token: who knows them may use it."""
    return hmac.digest(secret_key.encode(), token_id.encode(), "sha512")


def check_renewers(renewers: Sequence[Principal]) -> None:
    """Refuse a list of renewers that no token can have.

    Raises:
        KafkaError: INVALID_PRINCIPAL_TYPE unless all are users; INVALID_REQUEST when they are too many, or too long.
    """
    if any(renewer.type != USER_TYPE for renewer in renewers):
        raise KafkaError(ErrorCode.INVALID_PRINCIPAL_TYPE)
    if len(renewers) > MAX_RENEWERS or sum(len(renewer.name) for renewer in renewers) > _MAX_RENEWER_CHARACTERS:
        raise KafkaError(ErrorCode.INVALID_REQUEST)


def plan_token(
    token_id: str,
    owner: Principal,
    requester: Principal,
    renewers: Sequence[Principal],
    wanted_lifetime_ms: int,
    now_ms: int,
    *,
    max_lifetime_ms: int,
    renew_lifetime_ms: int,
) -> DelegationTokenSet:
    """A new token.

    Args:
        token_id: not in use.
        owner: whom the token stands for.
        requester: who asked for it.
        renewers: who may renew and end it, beside the owner.
        wanted_lifetime_ms: at most so long; 0 and below is the longest there is.
        now_ms: the wall clock's time.
        max_lifetime_ms: of `delegation.token.max.lifetime.ms`.
        renew_lifetime_ms: of `delegation.token.expiry.time.ms`, how long a token lives until it is renewed.
    """
    lifetime_ms = min(max_lifetime_ms, wanted_lifetime_ms) if wanted_lifetime_ms > 0 else max_lifetime_ms
    max_ms = _sum(now_ms, lifetime_ms)
    expires_ms = min(max_ms, _sum(now_ms, renew_lifetime_ms))
    return DelegationTokenSet(
        token_id, str(owner), str(requester), [str(each) for each in renewers], now_ms, expires_ms, max_ms
    )


def plan_renewal(
    token: DelegationTokenSet | None, requester: Principal, wanted_ms: int, now_ms: int, *, renew_lifetime_ms: int
) -> DelegationTokenSet:
    """The token as it is when it was renewed for `wanted_ms`; 0 and below is the longest there is.

    Raises:
        KafkaError: DELEGATION_TOKEN_NOT_FOUND for None; DELEGATION_TOKEN_EXPIRED; DELEGATION_TOKEN_OWNER_MISMATCH.
    """
    found = _existing(token)
    if is_expired(found, now_ms):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_EXPIRED)
    _check_may_renew(found, requester)
    lifetime_ms = min(renew_lifetime_ms, wanted_ms) if wanted_ms > 0 else renew_lifetime_ms
    return found._replace(expires_ms=min(found.max_ms, _sum(now_ms, lifetime_ms)))


def plan_expiry(
    token: DelegationTokenSet | None, requester: Principal, period_ms: int, now_ms: int
) -> DelegationTokenSet | DelegationTokenRemoved:
    """What is left of a token that shall live for `period_ms` more; below 0 it goes at once, even when it has expired.

    Raises:
        KafkaError: DELEGATION_TOKEN_NOT_FOUND for None; DELEGATION_TOKEN_OWNER_MISMATCH; DELEGATION_TOKEN_EXPIRED.
    """
    found = _existing(token)
    _check_may_renew(found, requester)
    if period_ms < 0:
        return DelegationTokenRemoved(found.token_id)
    if is_expired(found, now_ms):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_EXPIRED)
    return found._replace(expires_ms=min(found.max_ms, _sum(now_ms, period_ms)))


def plan_sweep(image: ClusterImage, now_ms: int, most: int) -> list[DelegationTokenRemoved]:
    """The removal of tokens that have expired, of `most` of them at a time."""
    expired: list[DelegationTokenRemoved] = []
    for token in image.delegation_tokens.values():
        if len(expired) == most:
            break
        if is_expired(token, now_ms):
            expired.append(DelegationTokenRemoved(token.token_id))
    return expired


def is_expired(token: DelegationTokenSet, now_ms: int) -> bool:
    """Whether the token's time is over."""
    return token.max_ms < now_ms or token.expires_ms < now_ms


def concerns_any(token: DelegationTokenSet, principals: Iterable[str]) -> bool:
    """Whether one of the principals, as `type:name` and cheap to look up in, owns the token or may renew it."""
    return token.owner in principals or any(renewer in principals for renewer in token.renewers)


def owner_of(token: DelegationTokenSet) -> Principal:
    """Whom the token stands for."""
    return parse_principal(token.owner)


def _existing(token: DelegationTokenSet | None) -> DelegationTokenSet:
    if token is None:
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_NOT_FOUND)
    return token


def _check_may_renew(token: DelegationTokenSet, requester: Principal) -> None:
    if not concerns_any(token, (str(requester),)):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH)


def _sum(now_ms: int, duration_ms: int) -> int:
    return min(_LONG_MAX, now_ms + duration_ms)
