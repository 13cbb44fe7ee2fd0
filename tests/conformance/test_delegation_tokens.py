"""The life of delegation tokens (KIP-48) beside the reference: what is answered, who is let in with them, and Kafka's own tool.

Rights are compared in `test_rights.py`. Deliberate differences: a token that has expired lets nobody in here, in Kafka until it
is swept away; and a token has at most a thousand renewers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.create_delegation_token import (
    CreatableRenewers,
    CreateDelegationTokenRequest,
    CreateDelegationTokenResponse,
)
from kafka_compat.protocol.messages.describe_delegation_token import (
    DescribeDelegationTokenOwner,
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from kafka_compat.protocol.messages.expire_delegation_token import ExpireDelegationTokenRequest, ExpireDelegationTokenResponse
from kafka_compat.protocol.messages.renew_delegation_token import RenewDelegationTokenRequest, RenewDelegationTokenResponse
from kafka_compat.security.token_plans import token_hmac
from scripts.reference_broker import ReferenceBroker, run_tool
from tests.support.brokers import skipped_without_reference
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.sasl_clients import scram_token
from tests.support.waiting import until
from tests.support.wire_client import NotAuthenticated, WireClient

pytestmark = [pytest.mark.reference, pytest.mark.slow]

M = TypeVar("M", bound=Message)

LISTENER = "SASL_PLAINTEXT"
USERS = ("alice", "bob", "carol", "admin")
CONFIGS = {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config": (
        "org.apache.kafka.common.security.plain.PlainLoginModule required "
        + " ".join(f'user_{name}="{name}-proof"' for name in USERS)
        + ";"
    ),
    **{
        f"listener.name.sasl_plaintext.{mechanism}.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        )
        for mechanism in ("scram-sha-256", "scram-sha-512")
    },
    "connection.failed.authentication.delay.ms": "0",
    "delegation.token.secret.key": "a sécret",
    "delegation.token.max.lifetime.ms": "7200000",
    "delegation.token.expiry.time.ms": "3600000",
}
LONG_MAX = (1 << 63) - 1


@pytest.fixture(scope="module")
def bootstraps() -> Iterator[tuple[str, str]]:
    ours = {"listeners": f"{LISTENER}://127.0.0.1:0,PLAINTEXT://127.0.0.1:0"}
    with (
        skipped_without_reference(),
        ReferenceBroker(CONFIGS, listeners={LISTENER: LISTENER}) as reference,
        OwnBroker(settings_of(CONFIGS | ours)) as broker,
    ):
        yield reference.bootstrap_of(LISTENER), broker.bootstrap(LISTENER)


class Story:
    """What is done with tokens at one broker, and what it says to that; times are minutes from now, ids and HMACs lengths."""

    def __init__(self, bootstrap: str) -> None:
        self.said: list[str] = []
        self._bootstrap = bootstrap
        self._clients: dict[str, WireClient] = {}
        self._began_ms = time.time() * 1000

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def client(self, user: str) -> WireClient:
        """The user's connection."""
        if user not in self._clients:
            self._clients[user] = WireClient(self._bootstrap, user=user, password=f"{user}-proof")
        return self._clients[user]

    def settle(self, hmac: bytes, expires_ms: int | None) -> None:
        """Wait until the token is there and ends then, or is gone: Kafka's controller answers before its broker knows."""

        def is_known() -> bool:
            answer = self.client("admin").call(DescribeDelegationTokenRequest(owners=None), 3, DescribeDelegationTokenResponse)
            known = {bytes(token.hmac): token.expiry_timestamp for token in answer.tokens}
            return known.get(hmac) == expires_ms

        until(is_known)

    def _call(self, label: str, user: str, request: Message, version: int, response: type[M]) -> M:
        answer = self.client(user).call(request, version, response)
        self.said.append(f"{label} {self._shown(answer)}")
        return answer

    def _shown(self, value: object) -> str:
        match value:
            case list():
                return f"[{', '.join(sorted(map(self._shown, value)))}]"
            case bytes() | bytearray() | memoryview():
                return f"{len(value)} bytes"
            case int():
                return str(value) if value < self._began_ms / 2 else f"in {round((value - self._began_ms) / 60_000)} min"
            case str():
                return "an id" if re.fullmatch(r"[A-Za-z0-9_-]{22}", value) else repr(value)
        return " ".join(f"{name}={self._shown(getattr(value, name))}" for name in sorted(type(value).__slots__))  # type: ignore[attr-defined]

    def create(self, user: str, version: int = 3, **fields: object) -> bytes:
        request = CreateDelegationTokenRequest(**fields)  # type: ignore[arg-type]
        answer = self._call(f"create {user} {fields}", user, request, version, CreateDelegationTokenResponse)
        if not answer.error_code:
            assert bytes(answer.hmac) == token_hmac(answer.token_id, CONFIGS["delegation.token.secret.key"])
            self.settle(bytes(answer.hmac), answer.expiry_timestamp_ms)
        return bytes(answer.hmac)

    def renew(self, user: str, hmac: bytes, period_ms: int, version: int = 2) -> None:
        request = RenewDelegationTokenRequest(hmac=hmac, renew_period_ms=period_ms)
        answer = self._call(f"renew {user} {period_ms}", user, request, version, RenewDelegationTokenResponse)
        if not answer.error_code:
            self.settle(hmac, answer.expiry_timestamp_ms)

    def expire(self, user: str, hmac: bytes, period_ms: int, version: int = 2) -> None:
        request = ExpireDelegationTokenRequest(hmac=hmac, expiry_time_period_ms=period_ms)
        answer = self._call(f"expire {user} {period_ms}", user, request, version, ExpireDelegationTokenResponse)
        if not answer.error_code:
            self.settle(hmac, None if period_ms < 0 else answer.expiry_timestamp_ms)

    def describe(self, user: str, owners: Sequence[str] | None, version: int = 3) -> None:
        asked = (
            None if owners is None else [DescribeDelegationTokenOwner(principal_type="User", principal_name=n) for n in owners]
        )
        request = DescribeDelegationTokenRequest(owners=asked)
        self._call(f"describe {user} {owners}", user, request, version, DescribeDelegationTokenResponse)


def users(*names: str) -> list[CreatableRenewers]:
    return [CreatableRenewers(principal_type="User", principal_name=name) for name in names]


def tell(story: Story) -> None:
    for version in (1, 2, 3):
        story.create("alice", version, max_lifetime_ms=-1)
    for lifetime_ms in (0, 60_000, 10**15, LONG_MAX, -(1 << 63)):
        story.create("alice", max_lifetime_ms=lifetime_ms)
    robots = [CreatableRenewers(principal_type="Robot", principal_name="r")]
    story.create("alice", renewers=users("bob", "bob", "carol"))
    story.create("alice", renewers=users("bob") + robots)
    story.create("alice", renewers=robots, owner_principal_type="User", owner_principal_name="bob")
    story.create("alice", renewers=users("", "a:b"))
    for kind, name in (("User", "alice"), ("Robot", "r"), ("", "x"), (None, "x"), (None, None), ("Robot", "")):
        story.create("admin", owner_principal_type=kind, owner_principal_name=name)
    hmac = story.create("alice", renewers=users("bob"), max_lifetime_ms=1_800_000)
    for user, period_ms in (("alice", 600_000), ("bob", 1_200_000), ("carol", 1), ("admin", 1), ("alice", -1), ("alice", 0)):
        story.renew(user, hmac, period_ms)
    story.renew("alice", hmac, LONG_MAX, version=1)
    for nothing in (b"", b"nothing", hmac[:-1], hmac + b"x"):
        story.renew("alice", nothing, 1)
        story.expire("alice", nothing, 1, version=1)
    for user, period_ms in (("carol", 1), ("admin", -1), ("alice", 300_000), ("bob", LONG_MAX), ("alice", 0)):
        story.expire(user, hmac, period_ms)
    time.sleep(0.01)
    for user in ("alice", "carol"):
        story.renew(user, hmac, 1)
        story.expire(user, hmac, 1)
    story.describe("bob", ["bob"])
    story.expire("bob", hmac, -1)
    story.expire("alice", hmac, -1)
    story.describe("bob", ["bob"])
    for version in (1, 2, 3):
        for owners in (None, [], ["alice"], ["nobody"], ["bob", "nobody", "bob"]):
            story.describe("carol", owners, version)


def test_life_of_tokens(bootstraps: tuple[str, str]) -> None:
    stories = [Story(bootstrap) for bootstrap in bootstraps]
    for story in stories:
        tell(story)
        story.close()
    theirs, ours = (story.said for story in stories)
    assert len(ours) > 50
    assert [(theirs, ours) for theirs, ours in zip(theirs, ours, strict=True) if theirs != ours] == []


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_who_is_let_in(bootstraps: tuple[str, str], mechanism: str) -> None:
    outcomes = []
    for bootstrap in bootstraps:
        story = Story(bootstrap)
        request = CreateDelegationTokenRequest(max_lifetime_ms=1_000_000)
        token = story.client("alice").call(request, 3, CreateDelegationTokenResponse)
        story.settle(bytes(token.hmac), token.expiry_timestamp_ms)
        other = story.create("alice")
        said: list[object] = []
        for token_id, hmac in ((token.token_id, bytes(token.hmac)), (token.token_id, other), ("nobody", other)):
            with WireClient(bootstrap) as client:
                try:
                    said.append(round(client.authenticate_by(scram_token(mechanism, token_id, hmac), mechanism), -5))
                except NotAuthenticated as refusal:
                    said.append(refusal.args)
                    continue
                for code in (
                    client.call(CreateDelegationTokenRequest(), 3, CreateDelegationTokenResponse).error_code,
                    client.call(DescribeDelegationTokenRequest(), 3, DescribeDelegationTokenResponse).error_code,
                ):
                    said.append(ErrorCode(code).name)
        story.close()
        outcomes.append(said)
    assert outcomes[0] == outcomes[1]
    assert outcomes[1][:2] == [1_000_000, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"]


def test_kafkas_tool(bootstraps: tuple[str, str], tmp_path: Path) -> None:
    properties = tmp_path / "client.properties"
    properties.write_text(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config="
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="carol" password="carol-proof";\n'
    )
    outputs = []
    for bootstrap in bootstraps:
        said: list[str] = []

        def tool(*arguments: str, bootstrap: str = bootstrap, said: list[str] = said) -> str:
            done = run_tool(
                "org.apache.kafka.tools.DelegationTokenCommand",
                "--bootstrap-server",
                bootstrap,
                "--command-config",
                str(properties),
                *arguments,
            )
            shown = re.sub(r"[A-Za-z0-9+/]{80,}={0,2}", "<hmac>", done.stdout)
            shown = re.sub(r"\b[A-Za-z0-9_-]{22}(?=\s)", "<id>", shown)
            said.append(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d|\d{13}", "<time>", shown) + done.stderr[:300])
            return done.stdout

        created = tool(
            "--create", "--max-life-time-period", "-1", "--renewer-principal", "User:bob", "--owner-principal", "User:dan"
        )
        (hmac,) = re.findall(r"[A-Za-z0-9+/]{80,}={0,2}", created)
        tool("--describe", "--owner-principal", "User:dan")
        tool("--renew", "--renew-time-period", "-1", "--hmac", hmac)
        tool("--expire", "--expiry-time-period", "-1", "--hmac", hmac)
        outputs.append(said)
    assert outputs[0] == outputs[1]
    assert "User:dan" in outputs[1][1]
