"""What clients say to a SASL listener before it knows them, byte by byte, and how a broker takes it.

The users are alice, whose password is `secret`, and bob. A step sends bytes and waits for one frame, or for the end of the
connection. What is sent behind a conversation that ended is not waited for.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest
from kafka_compat.protocol.messages.fetch import FetchRequest
from kafka_compat.protocol.messages.list_offsets import ListOffsetsRequest
from kafka_compat.protocol.messages.metadata import MetadataRequest
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest
from tests.support.wire_client import ConnectionClosed, WireClient

CLOSED: Final = "closed"
CORRELATION_ID: Final = 7

ALICE: Final = b"\0alice\0secret"
WRONG: Final = b"\0alice\0wrong"


class Conversation(NamedTuple):
    """What is sent, step by step."""

    name: str
    steps: tuple[bytes, ...]


def framed(content: bytes) -> bytes:
    return struct.pack(">i", len(content)) + content


def request(message: Message, version: int, api_key: ApiKey) -> bytes:
    return encode_request(api_key, version, CORRELATION_ID, "c", message)


def header(api_key: int, version: int, *, tags: bytes = b"") -> bytes:
    return struct.pack(">hhih", api_key, version, CORRELATION_ID, 1) + b"c" + tags


def handshake(mechanism: str = "PLAIN", version: int = 1) -> bytes:
    return request(SaslHandshakeRequest(mechanism=mechanism), version, ApiKey.SASL_HANDSHAKE)


def authenticate(message: bytes = ALICE, version: int = 1) -> bytes:
    return request(SaslAuthenticateRequest(auth_bytes=message), version, ApiKey.SASL_AUTHENTICATE)


def versions(version: int, software: str = "client") -> bytes:
    message = ApiVersionsRequest(client_software_name=software, client_software_version="1")
    return request(message, version, ApiKey.API_VERSIONS)


METADATA: Final = request(MetadataRequest(topics=[]), 1, ApiKey.METADATA)
OFFSETS: Final = request(ListOffsetsRequest(replica_id=-1), 1, ApiKey.LIST_OFFSETS)
FETCH: Final = request(FetchRequest(max_wait_ms=0), 4, ApiKey.FETCH)
_PRODUCED: Final = [TopicProduceData(name="t", partition_data=[PartitionProduceData(index=0, records=b"")])]
PRODUCE: Final = request(ProduceRequest(acks=1, timeout_ms=1, topic_data=_PRODUCED), 3, ApiKey.PRODUCE)
PRODUCE_SILENTLY: Final = request(ProduceRequest(acks=0, timeout_ms=1, topic_data=_PRODUCED), 3, ApiKey.PRODUCE)
UNKNOWN_VERSIONS: Final = framed(header(ApiKey.API_VERSIONS, 99, tags=b"\0"))
GSSAPI_TOKEN: Final = framed(bytes.fromhex("6082023e06092a864886f71201020201006e82022d30820229a003020105a10302010e"))

_HANDSHAKE: Final = handshake()
_OLD_HANDSHAKE: Final = handshake(version=0)

CONVERSATIONS: Final = (
    # the straight ways
    Conversation("at once", (_HANDSHAKE, authenticate(), OFFSETS)),
    Conversation("versions first", (versions(3), _HANDSHAKE, authenticate(version=2), OFFSETS)),
    Conversation("versions 0 first", (versions(0), _HANDSHAKE, authenticate(version=0), OFFSETS)),
    Conversation("unknown versions first", (UNKNOWN_VERSIONS, versions(0), _HANDSHAKE, authenticate(), OFFSETS)),
    Conversation("unknown versions again", (UNKNOWN_VERSIONS, UNKNOWN_VERSIONS, _HANDSHAKE, authenticate(), OFFSETS)),
    Conversation("tokens without headers", (_OLD_HANDSHAKE, framed(ALICE), OFFSETS)),
    Conversation("all in one", (_HANDSHAKE + authenticate() + OFFSETS, b"", b"")),
    Conversation("all in one, without headers", (_OLD_HANDSHAKE + framed(ALICE) + OFFSETS, b"", b"")),
    Conversation("authorization id", (_HANDSHAKE, authenticate(b"alice\0alice\0secret"), OFFSETS)),
    # handshakes
    Conversation("unknown mechanism", (handshake("NONE"), OFFSETS)),
    Conversation("unknown mechanism 0", (handshake("NONE", 0), OFFSETS)),
    Conversation("GSSAPI", (handshake("GSSAPI"),)),
    Conversation("lower case", (handshake("plain"),)),
    Conversation("no mechanism", (handshake(""),)),
    Conversation("long mechanism", (handshake("x" * 5_000),)),
    Conversation("handshake twice", (_HANDSHAKE, _HANDSHAKE)),
    Conversation("handshake twice 0", (_HANDSHAKE, _OLD_HANDSHAKE)),
    Conversation("handshake 2", (framed(header(ApiKey.SASL_HANDSHAKE, 2) + b"\0\5PLAIN"),)),
    Conversation("handshake -1", (framed(header(ApiKey.SASL_HANDSHAKE, -1) + b"\0\5PLAIN"),)),
    Conversation("handshake cut", (framed(header(ApiKey.SASL_HANDSHAKE, 1) + b"\0\5PLA"),)),
    Conversation("handshake without mechanism", (framed(header(ApiKey.SASL_HANDSHAKE, 1) + b"\xff\xff"),)),
    Conversation("handshake cut after versions", (versions(0), framed(header(ApiKey.SASL_HANDSHAKE, 1) + b"\0\5PLA"))),
    Conversation("handshake with more behind", (framed(_HANDSHAKE[4:] + b"more"), authenticate(), OFFSETS)),
    # versions
    Conversation("versions twice", (versions(0), versions(0))),
    Conversation("versions with odd software", (versions(3, "-"), versions(3), _HANDSHAKE, authenticate(), OFFSETS)),
    Conversation("versions in the exchange", (_HANDSHAKE, versions(0))),
    Conversation("unknown versions in the exchange", (_HANDSHAKE, UNKNOWN_VERSIONS)),
    Conversation("unknown versions after versions", (versions(0), UNKNOWN_VERSIONS)),
    Conversation("versions cut", (framed(header(ApiKey.API_VERSIONS, 3, tags=b"\0") + b"\x09cli"),)),
    # what is no request
    Conversation("gssapi token", (GSSAPI_TOKEN,)),
    Conversation("nothing", (framed(b""),)),
    Conversation("a byte", (framed(b"\x60"),)),
    Conversation("half a header", (framed(_HANDSHAKE[4:10]),)),
    Conversation("unknown key", (framed(header(999, 0)),)),
    Conversation("unknown key after versions", (versions(0), framed(header(999, 0)))),
    Conversation("http", (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",)),
    Conversation("negative size", (struct.pack(">i", -1),)),
    Conversation("size above the limit", (struct.pack(">i", 524_289),)),
    Conversation("size above the limit in the exchange", (_HANDSHAKE, struct.pack(">i", 524_289))),
    Conversation("greatest size", (struct.pack(">i", 0x7FFFFFFF),)),
    # other requests
    Conversation("metadata first", (METADATA,)),
    Conversation("metadata after versions", (versions(0), METADATA)),
    Conversation("produce first", (PRODUCE,)),
    Conversation("authenticate first", (authenticate(),)),
    Conversation("authenticate after versions", (versions(0), authenticate())),
    Conversation("metadata in the exchange", (_HANDSHAKE, METADATA)),
    Conversation("produce in the exchange", (_HANDSHAKE, PRODUCE)),
    Conversation("silent produce in the exchange", (_HANDSHAKE, PRODUCE_SILENTLY)),
    Conversation("fetch in the exchange", (_HANDSHAKE, FETCH)),
    Conversation("metadata 99 in the exchange", (_HANDSHAKE, framed(header(ApiKey.METADATA, 99)))),
    Conversation("unknown key in the exchange", (_HANDSHAKE, framed(header(999, 0)))),
    Conversation("metadata cut in the exchange", (_HANDSHAKE, framed(METADATA[4:-2]))),
    # the exchange
    Conversation("wrong password", (_HANDSHAKE, authenticate(WRONG), OFFSETS)),
    Conversation("wrong password 0", (_HANDSHAKE, authenticate(WRONG, 0))),
    Conversation("wrong password 2", (_HANDSHAKE, authenticate(WRONG, 2))),
    Conversation("wrong password without headers", (_OLD_HANDSHAKE, framed(WRONG))),
    Conversation("unknown user", (_HANDSHAKE, authenticate(b"\0nobody\0secret"))),
    Conversation("another authorization id", (_HANDSHAKE, authenticate(b"bob\0alice\0secret"))),
    Conversation("no user", (_HANDSHAKE, authenticate(b"\0\0secret"))),
    Conversation("no password", (_HANDSHAKE, authenticate(b"\0alice\0"))),
    Conversation("one part", (_HANDSHAKE, authenticate(b"alice"))),
    Conversation("four parts", (_HANDSHAKE, authenticate(b"\0alice\0secret\0"))),
    Conversation("nothing said", (_HANDSHAKE, authenticate(b""))),
    Conversation("nothing said without headers", (_OLD_HANDSHAKE, framed(b""))),
    Conversation("bad utf8", (_HANDSHAKE, authenticate(b"\0\xff\xfe\0secret"))),
    Conversation("authenticate 3", (_HANDSHAKE, framed(header(ApiKey.SASL_AUTHENTICATE, 3, tags=b"\0") + b"\1\0"))),
    Conversation("authenticate -1", (_HANDSHAKE, framed(header(ApiKey.SASL_AUTHENTICATE, -1) + b"\0\0\0\0"))),
    Conversation("authenticate cut", (_HANDSHAKE, framed(header(ApiKey.SASL_AUTHENTICATE, 1) + b"\0\0\0\5x"))),
    Conversation("authenticate too long", (_HANDSHAKE, framed(header(ApiKey.SASL_AUTHENTICATE, 1) + b"\x7f\xff\xff\xffx"))),
    Conversation("authenticate null", (_HANDSHAKE, framed(header(ApiKey.SASL_AUTHENTICATE, 1) + b"\xff\xff\xff\xff"))),
    Conversation("authenticate large", (_HANDSHAKE, authenticate(b"\0alice\0" + b"x" * 500_000))),
    Conversation("authenticate largest", (_HANDSHAKE, authenticate(bytes(524_288 - len(header(0, 0)) - 4)))),
    # SCRAM
    Conversation("scram nonsense", (handshake("SCRAM-SHA-256"), authenticate(b"nonsense"))),
    Conversation("scram nonsense 512", (handshake("SCRAM-SHA-512"), authenticate(b"nonsense", 2))),
    Conversation("scram nonsense without headers", (handshake("SCRAM-SHA-256", 0), framed(b"nonsense"))),
    Conversation("scram nothing", (handshake("SCRAM-SHA-256"), authenticate(b""))),
    Conversation("scram channel binding", (handshake("SCRAM-SHA-256"), authenticate(b"p=tls-unique,,n=alice,r=x"))),
    # afterwards
    Conversation("handshake afterwards", (_HANDSHAKE, authenticate(), _HANDSHAKE, OFFSETS)),
    Conversation("authenticate afterwards", (_HANDSHAKE, authenticate(), authenticate(), OFFSETS)),
)  # fmt: skip

AGAIN: Final = handshake() + authenticate()
# Of sessions that end.
RE_AUTHENTICATIONS: Final = (
    Conversation("again at once", (_HANDSHAKE, authenticate(), _HANDSHAKE, authenticate(version=2), OFFSETS)),
    Conversation("again without headers", (_HANDSHAKE, authenticate(), _OLD_HANDSHAKE, framed(ALICE), OFFSETS)),
    Conversation("again with headers", (_OLD_HANDSHAKE, framed(ALICE), _HANDSHAKE, authenticate(), OFFSETS)),
    Conversation("again between requests", (_HANDSHAKE, authenticate(), OFFSETS + AGAIN + OFFSETS, b"", b"", b"")),
    Conversation("twice in a second", (_HANDSHAKE, authenticate(), _HANDSHAKE, authenticate(), _HANDSHAKE, OFFSETS)),
    Conversation("authenticate alone", (_HANDSHAKE, authenticate(), authenticate(), OFFSETS)),
    Conversation("another mechanism", (_HANDSHAKE, authenticate(), handshake("SCRAM-SHA-256"), authenticate(b"n,,n=a,r=x"))),
    Conversation("another mechanism, then metadata", (_HANDSHAKE, authenticate(), handshake("SCRAM-SHA-256"), METADATA)),
    Conversation("unknown mechanism", (_HANDSHAKE, authenticate(), handshake("NONE"))),
    Conversation("another user", (_HANDSHAKE, authenticate(), _HANDSHAKE, authenticate(b"\0bob\0other"))),
    Conversation("another user without headers", (_HANDSHAKE, authenticate(), _OLD_HANDSHAKE, framed(b"\0bob\0other"))),
    Conversation("wrong password", (_HANDSHAKE, authenticate(), _HANDSHAKE, authenticate(WRONG))),
    Conversation("versions in between", (_HANDSHAKE, authenticate(), versions(0), _HANDSHAKE, authenticate(), OFFSETS)),
    Conversation("versions in the exchange", (_HANDSHAKE, authenticate(), _HANDSHAKE, versions(0))),
    Conversation("metadata in the exchange", (_HANDSHAKE, authenticate(), _HANDSHAKE, METADATA)),
    Conversation("too large in the exchange", (_HANDSHAKE, authenticate(), _HANDSHAKE, struct.pack(">i", 524_289))),
)  # fmt: skip


def hold(bootstrap: str, steps: Sequence[bytes]) -> list[str]:
    """What comes for each step, in hexadecimal digits; of ApiVersions only how it begins. The last may be CLOSED."""
    heard = []
    with WireClient(bootstrap) as client:
        for step in steps:
            try:
                if step:
                    client.send_bytes(step)
                frame = client.receive_frame()
            except (ConnectionClosed, ConnectionError):
                heard.append(CLOSED)
                break
            # Behind the error code is the table, in which an epoch is.
            heard.append(frame[:6].hex() if len(frame) > 200 else frame.hex())
    return heard
