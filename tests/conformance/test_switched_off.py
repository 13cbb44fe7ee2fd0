"""What is switched off: queries about access control lists, SASL, tokens, SCRAM and transactions against Apache Kafka.

Both run without authorizer and users, and nobody began a transaction.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from functools import partial

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.create_acls import AclCreation, CreateAclsRequest
from kafka_compat.protocol.messages.create_delegation_token import CreatableRenewers, CreateDelegationTokenRequest
from kafka_compat.protocol.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest
from kafka_compat.protocol.messages.describe_acls import DescribeAclsRequest
from kafka_compat.protocol.messages.describe_delegation_token import (
    DescribeDelegationTokenOwner,
    DescribeDelegationTokenRequest,
)
from kafka_compat.protocol.messages.describe_transactions import DescribeTransactionsRequest
from kafka_compat.protocol.messages.describe_user_scram_credentials import DescribeUserScramCredentialsRequest, UserName
from kafka_compat.protocol.messages.expire_delegation_token import ExpireDelegationTokenRequest
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest
from kafka_compat.protocol.messages.renew_delegation_token import RenewDelegationTokenRequest
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest
from kafka_compat.protocol.registry import request_class
from tests.conformance.both import ANY_ERROR, CLOSED, Both, Request, Side, errors_of
from tests.conformance.normalise import Normal
from tests.support.waiting import until
from tests.support.wire_client import ConnectionClosed

# Brokers of its own: the reference comes to have __transaction_state.
BROKER_CONFIGS = {"transaction.state.log.num.partitions": "1"}

MAX, MIN = (1 << 63) - 1, -(1 << 63)
SASL_MECHANISM, SASL_STATE, UNSUPPORTED, INVALID_REQUEST, DISABLED, NOT_ALLOWED = 33, 34, 35, 42, 54, 64
NOT_FOUND, DUPLICATE, UNACCEPTABLE, NO_TRANSACTION, BAD_PATTERN = 91, 92, 93, 105, 128

ACL_VERSIONS = range(1, 4)
# Beyond what is decoded at once.
MANY = range(2_500)

SWITCHED_OFF = (
    ApiKey.SASL_HANDSHAKE,
    ApiKey.DESCRIBE_ACLS,
    ApiKey.CREATE_ACLS,
    ApiKey.DELETE_ACLS,
    ApiKey.SASL_AUTHENTICATE,
    ApiKey.CREATE_DELEGATION_TOKEN,
    ApiKey.RENEW_DELEGATION_TOKEN,
    ApiKey.EXPIRE_DELEGATION_TOKEN,
    ApiKey.DESCRIBE_DELEGATION_TOKEN,
    ApiKey.DESCRIBE_CLIENT_QUOTAS,
    ApiKey.ALTER_CLIENT_QUOTAS,
    ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS,
    ApiKey.ALTER_USER_SCRAM_CREDENTIALS,
    ApiKey.DESCRIBE_TRANSACTIONS,
    ApiKey.LIST_TRANSACTIONS,
)
# Both are listed where a receiver of clients' metrics is configured.
TELEMETRY = (ApiKey.GET_TELEMETRY_SUBSCRIPTIONS, ApiKey.PUSH_TELEMETRY)


def expect(
    both: Both, label: str, request: Request, versions: Collection[int], *errors: int | str, unordered: Collection[str] = ()
) -> None:
    """Both give the same answers, and in those of the reference are just these errors."""
    both.compare(label, request, versions, unordered=unordered, expect=errors)


def expect_many(
    both: Both, request: Message, versions: Collection[int], *errors: int | str, unordered: Collection[str] = ()
) -> None:
    """The same where the answer is so long that its recording does not tell the errors: they are read from ours, its equal."""
    both.compare("many", request, versions, unordered=unordered, expect=ANY_ERROR)
    for version in versions:
        assert errors_of(both.answer(both.ours, request, version)) == set(errors)


def test_they_are_listed(both: Both) -> None:
    request = ApiVersionsRequest(client_software_name="kafka-compat", client_software_version="1")
    listed: list[Normal] = []
    for side in both.sides:
        rows = {row.api_key: [row.min_version, row.max_version] for row in side.call(request, 4, ApiVersionsResponse).api_keys}
        listed.append([[key.name, *rows.get(key, ())] for key in (*SWITCHED_OFF, *TELEMETRY)])
    both.compare_values("switched off", ApiKey.API_VERSIONS, *listed)
    assert isinstance(listed[0], list)
    assert listed[0][-3:] == [["LIST_TRANSACTIONS", 0, 2], ["GET_TELEMETRY_SUBSCRIPTIONS"], ["PUSH_TELEMETRY"]]


# --- access control lists

# Resource type, pattern type, operation, permission type: the codes that Kafka has, and some that it has not.
ACL_CODES = (
    (*range(9), -1, 99, 127, -128),
    (*range(6), -1, 99, 127, -128),
    (*range(17), -1, 99, 127, -128),
    (*range(5), -1, 99, 127, -128),
)
Codes = tuple[int, int, int, int]
LITERAL_READ: Codes = (2, 3, 3, 3)


def acl_cases() -> list[tuple[str, Codes, tuple[int | str, ...]]]:
    """Every code of each kind beside valid ones; UNKNOWN (0) closes the connection."""
    found: list[tuple[str, Codes, tuple[int | str, ...]]] = []
    for place, kind in enumerate(("resource", "pattern", "operation", "permission")):
        for code in ACL_CODES[place]:
            codes = [*LITERAL_READ]
            codes[place] = code
            resource, pattern, operation, permission = codes
            expected: tuple[int | str, ...] = (DISABLED,) if code else (CLOSED,)
            found.append((f"{kind} {code}", (resource, pattern, operation, permission), expected))
    return found


def describe_acls(
    codes: Codes, name: str | None = "orders", principal: str | None = "User:bob", host: str | None = "*"
) -> DescribeAclsRequest:
    resource, pattern, operation, permission = codes
    return DescribeAclsRequest(
        resource_type_filter=resource,
        resource_name_filter=name,
        pattern_type_filter=pattern,
        principal_filter=principal,
        host_filter=host,
        operation=operation,
        permission_type=permission,
    )


def creation(codes: Codes, name: str = "orders", principal: str = "User:bob", host: str = "*") -> AclCreation:
    resource, pattern, operation, permission = codes
    return AclCreation(
        resource_type=resource,
        resource_name=name,
        resource_pattern_type=pattern,
        principal=principal,
        host=host,
        operation=operation,
        permission_type=permission,
    )


def deletion(
    codes: Codes, name: str | None = "orders", principal: str | None = "User:bob", host: str | None = "*"
) -> DeleteAclsFilter:
    resource, pattern, operation, permission = codes
    return DeleteAclsFilter(
        resource_type_filter=resource,
        resource_name_filter=name,
        pattern_type_filter=pattern,
        principal_filter=principal,
        host_filter=host,
        operation=operation,
        permission_type=permission,
    )


ODD_NAMES = ("", "*", "a/b", "ä", "x" * 1_000)


def test_describe_acls(both: Both) -> None:
    expect(both, "all", describe_acls((1, 1, 1, 1), None, None, None), ACL_VERSIONS, DISABLED)
    for label, codes, errors in acl_cases():
        expect(both, label, describe_acls(codes), ACL_VERSIONS, *errors)
    for name in (None, *ODD_NAMES):
        expect(both, f"named {name!r:.20}", describe_acls(LITERAL_READ, name, name, name), ACL_VERSIONS, DISABLED)
    expect(both, "nothing set", DescribeAclsRequest(), ACL_VERSIONS, CLOSED)


def test_create_acls(both: Both) -> None:
    expect(both, "none", CreateAclsRequest(), ACL_VERSIONS)
    for label, codes, errors in acl_cases():
        request = CreateAclsRequest(creations=[creation(LITERAL_READ), creation(codes)])
        expect(both, label, request, ACL_VERSIONS, *errors)
    names = [creation(LITERAL_READ, name, name, name) for name in ODD_NAMES]
    expect(both, "names", CreateAclsRequest(creations=names), ACL_VERSIONS, DISABLED)
    expect(both, "twice", CreateAclsRequest(creations=[creation(LITERAL_READ)] * 2), ACL_VERSIONS, DISABLED)
    expect_many(both, CreateAclsRequest(creations=[creation(LITERAL_READ, str(n)) for n in MANY]), ACL_VERSIONS, DISABLED)
    late = [*(creation(LITERAL_READ, str(n)) for n in MANY), creation((2, 3, 0, 3))]
    expect(both, "an unknown one behind many", CreateAclsRequest(creations=late), ACL_VERSIONS, CLOSED)


def test_delete_acls(both: Both) -> None:
    expect(both, "none", DeleteAclsRequest(), ACL_VERSIONS)
    expect(both, "all", DeleteAclsRequest(filters=[deletion((1, 1, 1, 1), None, None, None)]), ACL_VERSIONS, DISABLED)
    for label, codes, errors in acl_cases():
        request = DeleteAclsRequest(filters=[deletion(LITERAL_READ), deletion(codes)])
        expect(both, label, request, ACL_VERSIONS, *errors)
    names = [deletion(LITERAL_READ, name, name, name) for name in (None, *ODD_NAMES)]
    expect(both, "names", DeleteAclsRequest(filters=names), ACL_VERSIONS, DISABLED)
    expect(both, "twice", DeleteAclsRequest(filters=[deletion(LITERAL_READ)] * 2), ACL_VERSIONS, DISABLED)
    expect_many(both, DeleteAclsRequest(filters=[deletion(LITERAL_READ, str(n)) for n in MANY]), ACL_VERSIONS, DISABLED)
    late = [*(deletion(LITERAL_READ, str(n)) for n in MANY), deletion((2, 0, 3, 3))]
    expect(both, "an unknown one behind many", DeleteAclsRequest(filters=late), ACL_VERSIONS, CLOSED)


# --- SASL and delegation tokens


def test_sasl_on_a_plaintext_listener(both: Both) -> None:
    for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI", "OAUTHBEARER", "", "plain", "x" * 300):
        expect(both, f"with {mechanism:.20}", SaslHandshakeRequest(mechanism=mechanism), range(2), SASL_STATE)
    for token in (b"", b"\0bob\0secret", bytes(5_000)):
        expect(both, f"{len(token)} bytes", SaslAuthenticateRequest(auth_bytes=token), range(3), SASL_STATE)


def test_delegation_tokens(both: Both) -> None:
    for max_lifetime_ms in (0, -1, 1, MAX, MIN):
        request = CreateDelegationTokenRequest(max_lifetime_ms=max_lifetime_ms)
        expect(both, f"for {max_lifetime_ms} ms", request, range(1, 4), NOT_ALLOWED)
    renewers = [CreatableRenewers(principal_type=kind, principal_name=name) for kind, name in (("User", "a"), ("Group", ""))]
    expect(both, "renewers", CreateDelegationTokenRequest(renewers=renewers), range(1, 4), NOT_ALLOWED)
    many = [CreatableRenewers(principal_type="User", principal_name=str(n)) for n in MANY]
    expect(both, "many renewers", CreateDelegationTokenRequest(renewers=many), range(1, 4), NOT_ALLOWED)
    for kind, name, error in (
        ("User", "bob", NOT_ALLOWED),
        ("", "bob", NOT_ALLOWED),
        ("Group", "bob", NOT_ALLOWED),
        ("User", "", NOT_ALLOWED),
        ("Group", None, NOT_ALLOWED),
        (None, None, NOT_ALLOWED),
        (None, "", NOT_ALLOWED),
        (None, "bob", -1),
    ):
        request = CreateDelegationTokenRequest(owner_principal_type=kind, owner_principal_name=name)
        expect(both, f"of {kind}:{name}", request, [3], error)
    for hmac in (b"", b"token", bytes(5_000)):
        for period_ms in (0, -1, 1, MAX, MIN):
            renew = RenewDelegationTokenRequest(hmac=hmac, renew_period_ms=period_ms)
            expect(both, f"{len(hmac)} bytes for {period_ms} ms", renew, range(1, 3), NOT_ALLOWED)
            expire = ExpireDelegationTokenRequest(hmac=hmac, expiry_time_period_ms=period_ms)
            expect(both, f"{len(hmac)} bytes in {period_ms} ms", expire, range(1, 3), NOT_ALLOWED)
    bob, nobody = (DescribeDelegationTokenOwner(principal_type=kind, principal_name=kind and "bob") for kind in ("User", ""))
    for label, owners in {"all": None, "none": [], "bob twice": [bob, bob], "nobody": [nobody], "many": [bob] * 2_500}.items():
        expect(both, label, DescribeDelegationTokenRequest(owners=owners), range(1, 4), NOT_ALLOWED)


# --- SCRAM

SHA_256, SHA_512 = 1, 2


def alter_scram(
    deletions: Collection[tuple[str, int]] = (), upsertions: Collection[tuple[str, int, int]] = ()
) -> AlterUserScramCredentialsRequest:
    return AlterUserScramCredentialsRequest(
        deletions=[ScramCredentialDeletion(name=name, mechanism=mechanism) for name, mechanism in deletions],
        upsertions=[
            ScramCredentialUpsertion(
                name=name, mechanism=mechanism, iterations=iterations, salt=b"salt", salted_password=b"password"
            )
            for name, mechanism, iterations in upsertions
        ],
    )


def test_describe_user_scram_credentials(both: Both) -> None:
    def ask(label: str, names: Collection[str] | None, *errors: int) -> None:
        users = None if names is None else [UserName(name=name) for name in names]
        expect(both, label, DescribeUserScramCredentialsRequest(users=users), [0], *errors, unordered=("results",))

    ask("all", None)
    ask("none named", ())
    ask("one", ("bob",), NOT_FOUND)
    ask("odd names", ODD_NAMES, NOT_FOUND)
    ask("twice", ("bob", "bob"), DUPLICATE)
    ask("three times and once", ("bob", "eve", "bob", "bob"), DUPLICATE, NOT_FOUND)
    many = DescribeUserScramCredentialsRequest(users=[UserName(name=f"user-{n}") for n in MANY])
    expect_many(both, many, [0], NOT_FOUND, unordered=("results",))


def test_alter_user_scram_credentials(both: Both) -> None:
    def ask(
        label: str,
        *errors: int,
        deletions: Collection[tuple[str, int]] = (),
        upsertions: Collection[tuple[str, int, int]] = (),
    ) -> None:
        expect(both, label, alter_scram(deletions, upsertions), [0], *errors, unordered=("results",))

    ask("none")
    for mechanism in (SHA_256, SHA_512):
        ask(f"delete mechanism {mechanism}", NOT_FOUND, deletions=[("bob", mechanism)])
        for iterations in (4095, 0, -1, 16385, (1 << 31) - 1, -(1 << 31)):
            ask(f"{iterations} iterations", UNACCEPTABLE, upsertions=[("bob", mechanism, iterations)])
    for mechanism in (0, 3, -1, 127, -128):
        ask(f"delete mechanism {mechanism}", SASL_MECHANISM, deletions=[("bob", mechanism)])
        ask(f"set mechanism {mechanism}", SASL_MECHANISM, upsertions=[("bob", mechanism, 4096)])
        ask(f"nobody's mechanism {mechanism}", UNACCEPTABLE, deletions=[("", mechanism)])
    ask("nobody", UNACCEPTABLE, upsertions=[("", SHA_256, 4096)])
    ask("delete both", NOT_FOUND, deletions=[("bob", SHA_256), ("bob", SHA_512)])
    ask("delete and set", NOT_FOUND, deletions=[("bob", SHA_256)], upsertions=[("bob", SHA_256, 4096)])
    ask("set both", DUPLICATE, upsertions=[("bob", SHA_256, 4096), ("bob", SHA_512, 4096)])
    ask("set three times", DUPLICATE, upsertions=[("bob", SHA_256, 4096), ("bob", SHA_512, 4096), ("bob", 0, 0)])
    ask("invalid twice", SASL_MECHANISM, upsertions=[("bob", 0, 4096), ("bob", SHA_256, 4096)])
    ask("invalid, then valid", DUPLICATE, upsertions=[("bob", SHA_256, 4096), ("bob", 0, 4096)])
    ask(
        "each of its own", NOT_FOUND, UNACCEPTABLE, SASL_MECHANISM,
        deletions=[("a", SHA_256), ("b", SHA_512), ("", SHA_256)], upsertions=[("c", SHA_256, 1), ("d", 9, 4096)],
    )  # fmt: skip
    expect_many(both, alter_scram([(f"user-{n}", SHA_256) for n in MANY]), [0], NOT_FOUND, unordered=("results",))


@pytest.mark.parametrize("mechanism", [SHA_256, SHA_512])
@pytest.mark.parametrize("iterations", [4096, 16384])
def test_credentials_are_stored(both: Both, mechanism: int, iterations: int) -> None:
    name, other = both.name("user"), {SHA_256: SHA_512, SHA_512: SHA_256}[mechanism]

    def ask(label: str, request: Message, *errors: int) -> None:
        expect(both, label, request, [0], *errors, unordered=("results",))

    described = DescribeUserScramCredentialsRequest(users=[UserName(name=name)])
    ask("stored", alter_scram(upsertions=[(name, mechanism, iterations), ("", mechanism, iterations)]), UNACCEPTABLE)
    for side in both.sides:  # the reference's controller answers before its broker knows
        until(partial(_is_described, both, side, described))
    ask("described", described)
    ask("another mechanism deleted", alter_scram([(name, other)]), NOT_FOUND)
    ask("deleted and set", alter_scram([(name, mechanism)], [(name, other, iterations)]), DUPLICATE)
    ask("deleted twice", alter_scram([(name, mechanism), (name, mechanism)]), DUPLICATE)
    ask("deleted", alter_scram([(name, mechanism)]))
    ask("deleted again", alter_scram([(name, mechanism)]), NOT_FOUND)


# --- transactions

PATTERNS = {
    True: (
        "", "a.*", "orders-[0-9]+", "^$", "a|b", "()", "(?i)a", "(?P<n>a)", "(?<n>a)", r"\p{Greek}", r"\pL", "[[:alpha:]]",
        r"\Q(\E", "x{,3}", "x{0,1000}", r"\z", "[]a]", "a{", "ä😀", "(?:a|b)*?", r"\x{10FFFF}", r"\012", "a|" * 2_000,
    ),
    False: (
        "*", "(", ")", "[", "[b-a]", "a**", "a++", "x{2}{3}", "a{1001}", "a{2,1}", r"\p{Nope}", "[[:nope:]]", "(?=a)",
        "(?<n>a)(?<n>b)", r"\1", r"\Z", r"\C", "\\", "(?z)", "a{*", r"\x{110000}", "|*", "(" * 2_000,
    ),
}  # fmt: skip


def test_list_transactions(both: Both) -> None:
    unknown = ("unknown_state_filters",)
    states = [
        "Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort", "Dead", "PrepareEpochFence",
    ]  # fmt: skip
    odd = ["ongoing", "", "Unknown", "Ongoing ", "ä"]
    for label, request in {
        "all": ListTransactionsRequest(),
        "states": ListTransactionsRequest(state_filters=states),
        "states that do not exist": ListTransactionsRequest(state_filters=[*states, *odd, *odd]),
        "many": ListTransactionsRequest(state_filters=[f"state-{n % 100}" for n in MANY]),
        "producers": ListTransactionsRequest(producer_id_filters=[0, -1, 5, 5, MAX, MIN]),
    }.items():
        expect(both, label, request, range(3), unordered=unknown)
    for duration_ms in (0, -1, -2, 1, MAX, MIN):
        expect(both, f"{duration_ms} ms", ListTransactionsRequest(duration_filter=duration_ms), range(1, 3))
    for is_valid, patterns in PATTERNS.items():
        for pattern in patterns:
            request = ListTransactionsRequest(transactional_id_pattern=pattern, state_filters=["nope"])
            expect(both, f"pattern {pattern!r:.30}", request, [2], *(() if is_valid else (BAD_PATTERN,)))


def test_describe_transactions(both: Both) -> None:
    """As long as nobody ever asked for a transactional id, the reference answers NOT_COORDINATOR; that is over here."""
    found = FindCoordinatorRequest(key_type=1, coordinator_keys=["any"])
    for side in both.sides:
        for _ in range(10_000):
            side.call(found, 4, FindCoordinatorResponse)
            if errors_of(both.answer(side, DescribeTransactionsRequest(transactional_ids=["any"]), 0)) == {NO_TRANSACTION}:
                break
    for label, ids, errors in (
        ("none", [], ()),
        ("one", ["any"], (NO_TRANSACTION,)),
        ("twice", ["any", "any", "other"], (NO_TRANSACTION,)),
        ("no name", ["", "any", ""], (INVALID_REQUEST, NO_TRANSACTION)),
        ("odd names", [*ODD_NAMES[1:]], (NO_TRANSACTION,)),
    ):
        expect(both, label, DescribeTransactionsRequest(transactional_ids=ids), [0], *errors)
    expect_many(both, DescribeTransactionsRequest(transactional_ids=[f"id-{n}" for n in MANY]), [0], NO_TRANSACTION)


# --- lists that may not be null

NULL_LISTS = (
    (ApiKey.CREATE_ACLS, 1, b"\xff\xff\xff\xff"),
    (ApiKey.CREATE_ACLS, 3, b"\x00\x00"),
    (ApiKey.DELETE_ACLS, 1, b"\xff\xff\xff\xff"),
    (ApiKey.DELETE_ACLS, 3, b"\x00\x00"),
    (ApiKey.DESCRIBE_CLIENT_QUOTAS, 0, b"\xff\xff\xff\xff\x00"),
    (ApiKey.DESCRIBE_CLIENT_QUOTAS, 1, b"\x00\x00\x00"),
    (ApiKey.ALTER_CLIENT_QUOTAS, 0, b"\xff\xff\xff\xff\x00"),
    (ApiKey.ALTER_CLIENT_QUOTAS, 1, b"\x00\x00\x00"),
    (ApiKey.ALTER_USER_SCRAM_CREDENTIALS, 0, b"\x00\x01\x00"),
    (ApiKey.ALTER_USER_SCRAM_CREDENTIALS, 0, b"\x01\x00\x00"),
    (ApiKey.DESCRIBE_TRANSACTIONS, 0, b"\x00\x00"),
    (ApiKey.LIST_TRANSACTIONS, 0, b"\x00\x01\x00"),
    (ApiKey.LIST_TRANSACTIONS, 0, b"\x01\x00\x00"),
    (ApiKey.CREATE_DELEGATION_TOKEN, 1, b"\xff\xff\xff\xff" + bytes(8)),
    (ApiKey.SASL_HANDSHAKE, 1, b"\xff\xff"),
    (ApiKey.SASL_AUTHENTICATE, 0, b"\xff\xff\xff\xff"),
)


def _raw(side: Side, frame: bytes) -> Normal:
    side.close()
    try:
        side.client.send_bytes(struct.pack(">i", len(frame)) + frame)
        return side.client.receive_frame()
    except (ConnectionClosed, ConnectionError):
        return CLOSED
    finally:
        side.close()


@pytest.mark.parametrize(("key", "version", "body"), NULL_LISTS, ids=lambda value: getattr(value, "name", None))
def test_null_where_there_is_none(both: Both, key: ApiKey, version: int, body: bytes) -> None:
    tags = b"\x00" if version >= vars(request_class(key))["FLEXIBLE_FROM"] else b""
    frame = struct.pack(">hhih", key, version, 77, 1) + b"c" + tags + body
    both.compare_values(f"{body!r} v{version}", key, *(_raw(side, frame) for side in both.sides), expect={CLOSED})


def _is_described(both: Both, side: Side, request: DescribeUserScramCredentialsRequest) -> bool:
    return not errors_of(both.answer(side, request, 0))
