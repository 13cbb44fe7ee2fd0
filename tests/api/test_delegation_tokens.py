"""The four APIs of delegation tokens, for clients who are somebody: what a session says is set by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_delegation_token import (
    CreatableRenewers,
    CreateDelegationTokenRequest,
    CreateDelegationTokenResponse,
)
from kafka_compat.protocol.messages.describe_delegation_token import (
    DescribedDelegationToken,
    DescribedDelegationTokenRenewer,
    DescribeDelegationTokenOwner,
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from kafka_compat.protocol.messages.expire_delegation_token import ExpireDelegationTokenRequest, ExpireDelegationTokenResponse
from kafka_compat.protocol.messages.renew_delegation_token import RenewDelegationTokenRequest, RenewDelegationTokenResponse
from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.security.principal import ANONYMOUS, Principal, user
from kafka_compat.security.token_plans import MAX_RENEWERS, token_hmac
from kafka_compat.testing import Cluster, ManualClock
from tests.api.worlds import Turns, World
from tests.support.wire_client import WireClient

CONFIGS: dict[str, str | int | float] = {
    "delegation.token.secret.key": "secret",
    "delegation.token.expiry.check.interval.ms": 60_000,
}
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class Users:
    """Connections of users to one broker, which takes our word for who they are."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._clients: dict[str, WireClient] = {}

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def of(
        self, name: str, *, principal: Principal | None = None, protocol: str = "SASL_PLAINTEXT", by_token: bool = False
    ) -> WireClient:
        if name not in self._clients:
            (broker,) = self.cluster.brokers
            known = {session.connection_id for session in broker.sessions()}
            client = self._clients[name] = WireClient(self.cluster.bootstrap)
            client.call(DescribeDelegationTokenRequest(), 3, DescribeDelegationTokenResponse)
            (session,) = (each for each in broker.sessions() if each.connection_id not in known)
            session.principal = principal or user(name)
            session.security_protocol = protocol
            session.is_token_authenticated = by_token
        return self._clients[name]

    def create(self, name: str, *renewers: str, lifetime_ms: int = -1, owner: str = "") -> CreateDelegationTokenResponse:
        request = CreateDelegationTokenRequest(
            renewers=[CreatableRenewers(principal_type="User", principal_name=each) for each in renewers],
            max_lifetime_ms=lifetime_ms,
            owner_principal_type="User" if owner else "",
            owner_principal_name=owner,
        )
        return self.of(name).call(request, 3, CreateDelegationTokenResponse)

    def renew(self, name: str, hmac: bytes, period_ms: int = -1) -> RenewDelegationTokenResponse:
        request = RenewDelegationTokenRequest(hmac=hmac, renew_period_ms=period_ms)
        return self.of(name).call(request, 2, RenewDelegationTokenResponse)

    def expire(self, name: str, hmac: bytes, period_ms: int = -1) -> ExpireDelegationTokenResponse:
        request = ExpireDelegationTokenRequest(hmac=hmac, expiry_time_period_ms=period_ms)
        return self.of(name).call(request, 2, ExpireDelegationTokenResponse)

    def seen(self, name: str, owners: list[str] | None = None) -> list[DescribedDelegationToken]:
        asked = (
            None if owners is None else [DescribeDelegationTokenOwner(principal_type="User", principal_name=n) for n in owners]
        )
        answer = self.of(name).call(DescribeDelegationTokenRequest(owners=asked), 3, DescribeDelegationTokenResponse)
        assert answer.error_code == 0
        return answer.tokens


class OnlyThese:
    """An authorizer that lets through what was listed."""

    version = 1

    def __init__(self, *allowed: tuple[str, AclOperation, AclResource, str]) -> None:
        self.allowed = set(allowed)

    def authorize(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource, resource_name: str
    ) -> bool:
        return (principal.name, operation, resource_type, resource_name) in self.allowed

    def authorize_by_resource_type(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource
    ) -> bool:
        return False


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def users(clock: ManualClock) -> Iterator[Users]:
    with Cluster(configs=CONFIGS, clock=clock) as cluster:
        users = Users(cluster)
        yield users
        users.close()


def authorize(users: Users, *allowed: tuple[str, AclOperation, AclResource, str]) -> None:
    services = users.cluster.brokers[0].services
    assert services is not None
    services.authorizer = OnlyThese(*allowed)


def test_life_of_a_token(users: Users, clock: ManualClock) -> None:
    now_ms = clock.wall_ms()
    made = users.create("alice", "bob", "bob")
    assert made == CreateDelegationTokenResponse(
        principal_type="User",
        principal_name="alice",
        token_requester_principal_type="User",
        token_requester_principal_name="alice",
        issue_timestamp_ms=now_ms,
        expiry_timestamp_ms=now_ms + DAY_MS,
        max_timestamp_ms=now_ms + 7 * DAY_MS,
        token_id=made.token_id,
        hmac=token_hmac(made.token_id, "secret"),
    )
    assert len(made.token_id) == 22
    renewer = DescribedDelegationTokenRenewer(principal_type="User", principal_name="bob")
    described = DescribedDelegationToken(
        principal_type="User",
        principal_name="alice",
        token_requester_principal_type="User",
        token_requester_principal_name="alice",
        issue_timestamp=now_ms,
        expiry_timestamp=now_ms + DAY_MS,
        max_timestamp=now_ms + 7 * DAY_MS,
        token_id=made.token_id,
        hmac=made.hmac,
        renewers=[renewer, renewer],
    )
    assert users.seen("alice") == users.seen("bob", ["alice"]) == [described]
    users.cluster.advance(1000)
    assert users.renew("bob", made.hmac).expiry_timestamp_ms == now_ms + 1000 + DAY_MS
    assert users.expire("alice", made.hmac, 10).expiry_timestamp_ms == now_ms + 1010
    assert users.expire("alice", made.hmac).expiry_timestamp_ms == now_ms + 1000
    assert users.seen("alice") == []
    assert users.renew("bob", made.hmac) == RenewDelegationTokenResponse(error_code=ErrorCode.DELEGATION_TOKEN_NOT_FOUND)


def test_expired_tokens_are_swept_away(users: Users) -> None:
    short = users.create("alice", lifetime_ms=10_000)
    long = users.create("alice", lifetime_ms=HOUR_MS)
    users.cluster.advance(30_000)
    assert users.renew("alice", short.hmac).error_code == ErrorCode.DELEGATION_TOKEN_EXPIRED
    assert len(users.seen("alice")) == 2
    users.cluster.advance(31_000)
    assert users.renew("alice", short.hmac).error_code == ErrorCode.DELEGATION_TOKEN_NOT_FOUND
    assert [token.token_id for token in users.seen("alice")] == [long.token_id]


def test_tokens_survive_a_restart(clock: ManualClock) -> None:
    file_system = MemoryFileSystem()
    with Cluster(configs=CONFIGS, clock=clock, file_system=file_system) as cluster:
        users = Users(cluster)
        made, gone = users.create("alice", "bob"), users.create("alice")
        users.expire("alice", gone.hmac)
        before = users.seen("alice")
        users.close()
    with Cluster(configs=CONFIGS, clock=clock, file_system=file_system) as cluster:
        users = Users(cluster)
        assert users.seen("alice") == before
        assert users.renew("bob", made.hmac).error_code == ErrorCode.NONE
        assert users.renew("alice", gone.hmac).error_code == ErrorCode.DELEGATION_TOKEN_NOT_FOUND
        users.close()


def test_without_a_secret_key_there_are_none(clock: ManualClock) -> None:
    disabled = ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED
    with Cluster(clock=clock) as cluster:
        users = Users(cluster)
        made = users.create("alice")
        assert (made.error_code, made.principal_name, made.expiry_timestamp_ms) == (disabled, "alice", 0)
        assert users.renew("alice", b"token") == RenewDelegationTokenResponse(error_code=disabled)
        assert users.expire("alice", b"token") == ExpireDelegationTokenResponse(error_code=disabled)
        answer = users.of("alice").call(DescribeDelegationTokenRequest(owners=[]), 3, DescribeDelegationTokenResponse)
        assert answer.error_code == disabled
        users.close()


@pytest.mark.parametrize(
    ("principal", "protocol", "by_token", "error_code"),
    [
        (user("alice"), "SASL_SSL", False, ErrorCode.NONE),
        (user("CN=alice"), "SSL", False, ErrorCode.NONE),
        (ANONYMOUS, "SSL", False, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED),
        (user("alice"), "SASL_SSL", True, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED),
        (user("alice"), "PLAINTEXT", False, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED),
    ],
)
def test_who_is_listened_to(users: Users, principal: Principal, protocol: str, by_token: bool, error_code: ErrorCode) -> None:
    hmac = users.create("owner", principal.name).hmac
    users.of("x", principal=principal, protocol=protocol, by_token=by_token)
    described = users.of("x").call(DescribeDelegationTokenRequest(owners=None), 3, DescribeDelegationTokenResponse)
    codes = {described.error_code, users.create("x").error_code}
    assert codes | {users.renew("x", hmac).error_code, users.expire("x", hmac).error_code} == {error_code}


def test_token_for_another_takes_create_tokens_on_that_user(users: Users) -> None:
    authorize(users, ("admin", AclOperation.CREATE_TOKENS, AclResource.USER, "User:alice"))
    assert users.create("alice", owner="alice").error_code == ErrorCode.NONE
    refused = users.create("bob", owner="alice")
    assert refused.error_code == ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED
    assert (refused.principal_name, refused.token_requester_principal_name) == ("alice", "bob")
    assert (refused.issue_timestamp_ms, refused.expiry_timestamp_ms, refused.max_timestamp_ms) == (-1, -1, -1)
    made = users.create("admin", owner="alice")
    assert (made.error_code, made.principal_name, made.token_requester_principal_name) == (ErrorCode.NONE, "alice", "admin")
    # It is not the requester's.
    assert users.renew("admin", made.hmac).error_code == ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH
    assert users.seen("admin") == []
    assert len(users.seen("alice")) == 2


def test_who_sees_which_tokens(users: Users) -> None:
    of_alice, of_bob = users.create("alice", "carol").token_id, users.create("bob").token_id
    authorize(
        users,
        ("reader", AclOperation.DESCRIBE, AclResource.DELEGATION_TOKEN, of_bob),
        ("auditor", AclOperation.DESCRIBE_TOKENS, AclResource.USER, "User:alice"),
    )

    def seen(name: str, owners: list[str] | None = None) -> list[str]:
        return [token.token_id for token in users.seen(name, owners)]

    assert seen("alice") == [of_alice]
    assert seen("carol") == [of_alice]
    assert seen("stranger") == []
    assert seen("reader") == [of_bob]
    assert seen("auditor") == [of_alice]
    assert seen("auditor", []) == []
    assert seen("auditor", ["bob"]) == []
    # Those of whom somebody is a renewer are asked for by his name, too.
    assert seen("auditor", ["carol", "nobody"]) == [of_alice]


@pytest.mark.parametrize("renewers", [("bad",), tuple("a" * (MAX_RENEWERS + 1))])
def test_renewers_are_refused_by_the_broker(users: Users, renewers: tuple[str, ...]) -> None:
    kind = "Group" if len(renewers) == 1 else "User"
    request = CreateDelegationTokenRequest(
        renewers=[CreatableRenewers(principal_type=kind, principal_name=name) for name in renewers]
    )
    answer = users.of("alice").call(request, 2, CreateDelegationTokenResponse)
    refused = ErrorCode.INVALID_PRINCIPAL_TYPE if kind == "Group" else ErrorCode.INVALID_REQUEST
    assert (answer.error_code, answer.principal_name, answer.max_timestamp_ms) == (refused, "alice", -1)
    assert users.seen("alice") == []


def test_many_tokens_are_described_in_slices(users: Users, turns: Turns) -> None:
    for _ in range(40):
        users.create("alice")
    before = turns.count
    assert len(users.seen("alice", ["alice", *map(str, range(100))])) == 40
    assert turns.count - before >= 5


def test_who_is_nobody_gets_nothing(world: World) -> None:
    answer = world.call(DescribeDelegationTokenRequest(owners=None), 3, DescribeDelegationTokenResponse)
    assert answer.error_code == ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
