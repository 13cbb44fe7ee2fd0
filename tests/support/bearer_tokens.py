"""Bearer tokens, good and forged, and a place that serves the keys they are signed with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, NamedTuple

from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact

Key = RSAKey | ECKey | OKPKey

ISSUER: Final = "https://issuer.test"
AUDIENCE: Final = "kafka"
CONFIGS: Final = {
    "sasl.oauthbearer.expected.issuer": ISSUER,
    "sasl.oauthbearer.expected.audience": f"{AUDIENCE},other",
}


@cache
def key_of(name: str) -> Key:
    """The private key of that name, made once: rsa, other-rsa, small-rsa, p256, p384, p521, ed25519."""
    match name:
        case "rsa" | "other-rsa":
            return RSAKey.generate_key(2048)
        case "small-rsa":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return RSAKey.generate_key(1024)
        case "ed25519":
            return OKPKey.generate_key("Ed25519")
        case _:
            return ECKey.generate_key({"p256": "P-256", "p384": "P-384", "p521": "P-521"}[name])


def jwk_of(name: str, kid: str | None = None, **more: object) -> dict[str, object]:
    """The public key as an entry of a key set, its id the name."""
    return {**key_of(name).as_dict(private=False), "kid": kid or name, **more}


def key_set(*keys: Mapping[str, object]) -> bytes:
    """The JSON of a key set."""
    return json.dumps({"keys": list(keys)}).encode()


def standard_keys() -> bytes:
    """The set that `CASES` are made for."""
    return key_set(
        jwk_of("rsa", use="sig"),
        jwk_of("p256"),
        jwk_of("p384"),
        jwk_of("p521"),
        jwk_of("ed25519"),
        jwk_of("small-rsa"),
        jwk_of("other-rsa", "for-encryption", use="enc"),
        {"kty": "unknown", "kid": "unknown"},
    )


def part(value: object) -> str:
    """A part of a token: base64url of JSON, or of bytes as they are."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changes: object) -> dict[str, object]:
    """Claims that do; changes to None take one away."""
    now_s = int(time.time())
    good = {"sub": "alice", "iss": ISSUER, "aud": AUDIENCE, "iat": now_s - 10, "exp": now_s + 600, "scope": ["a", "b"]}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(
    payload: object, key: str = "rsa", alg: str = "RS256", *, kid: str | None = "", header: Mapping[str, object] | None = None
) -> str:
    """A token signed with a key, whose id it names unless `kid` is None or another."""
    head: dict[str, object] = {"alg": alg, **(header or {})}
    if kid is not None:
        head["kid"] = kid or key
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    registry = JWSRegistry(algorithms=[alg], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = 1 << 20
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return serialize_compact(head, raw, key_of(key), registry=registry)


def unsigned(payload: object, alg: str = "none") -> str:
    """A token without a signature."""
    return f"{part({'alg': alg})}.{part(payload)}."


def confused(payload: object) -> str:
    """A token whose HMAC has the public key, which everybody has, for its secret."""
    text = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(payload)}"
    secret = key_of("rsa").as_pem(private=False)
    return f"{text}.{part(hmac.digest(secret, text.encode(), hashlib.sha256))}"


class Case(NamedTuple):
    """A token, and whose it is; None: nobody's.

    `kafkas` is whose it is to the reference where that is another, or None where it runs into an exception and closes the
    connection. `is_over`: the session has ended when it begins.
    """

    label: str
    token: Callable[[], str]
    name: str | None
    kafkas: str | None = "the same"
    is_over: bool = False


def _now_s() -> int:
    return int(time.time())


def _own_key_in_header() -> str:
    return signed(claims(), "other-rsa", header={"jwk": key_of("other-rsa").as_dict(private=False)}, kid="rsa")


def _swapped_payload() -> str:
    head, _, signature = signed(claims()).split(".")
    return f"{head}.{part(claims(sub='admin'))}.{signature}"


CASES: Final[Sequence[Case]] = (
    Case("RS256", lambda: signed(claims()), "alice"),
    Case("RS512", lambda: signed(claims(), alg="RS512"), "alice"),
    Case("PS256", lambda: signed(claims(), alg="PS256"), "alice"),
    Case("ES256", lambda: signed(claims(), "p256", "ES256"), "alice"),
    Case("ES384", lambda: signed(claims(), "p384", "ES384"), "alice"),
    Case("ES512", lambda: signed(claims(), "p521", "ES512"), "alice"),
    Case("EdDSA", lambda: signed(claims(), "ed25519", "EdDSA"), "alice"),
    Case("no key id", lambda: signed(claims(), kid=None), "alice"),
    Case("no key id, a curve", lambda: signed(claims(), "p384", "ES384", kid=None), "alice"),
    Case("one of two audiences", lambda: signed(claims(aud=["x", "other"])), "alice"),
    Case("times with fractions", lambda: signed(claims(exp=time.time() + 600.5, iat=time.time() - 1.5)), "alice"),
    Case("just expired, within the skew", lambda: signed(claims(exp=_now_s() - 10, iat=_now_s() - 100)), "alice", is_over=True),
    Case("valid soon, within the skew", lambda: signed(claims(nbf=_now_s() + 10)), "alice"),
    Case("issued in the future", lambda: signed(claims(iat=_now_s() + 300)), "alice"),
    Case("no scope", lambda: signed(claims(scope=None)), "alice"),
    Case("scope is a text", lambda: signed(claims(scope="a a b")), "alice"),
    Case("scope is a number", lambda: signed(claims(scope=5)), "alice"),
    Case("spaces around the name", lambda: signed(claims(sub="  alice ")), "alice"),
    Case("a name with =, and :", lambda: signed(claims(sub="CN=a,b:c")), "CN=a,b:c"),
    Case("a name beyond ASCII", lambda: signed(claims(sub="álice ☃")), "álice ☃"),
    Case("a private header", lambda: signed(claims(), header={"x-mine": 1, "typ": "at+jwt"}), "alice"),
    Case("names another key set, and is of ours", lambda: signed(claims(), header={"jku": "http://127.0.0.1:1/"}), "alice"),
    Case("algorithm none", lambda: unsigned(claims()), None),
    Case("algorithm NONE", lambda: unsigned(claims(), "NONE"), None),
    Case("algorithm none, with a signature", lambda: f"{unsigned(claims())}{part(b'x')}", None),
    Case("no algorithm", lambda: f"{part({'kid': 'rsa'})}.{part(claims())}.{part(b'x')}", None),
    Case("algorithm is a number", lambda: f"{part({'alg': 5})}.{part(claims())}.{part(b'x')}", None),
    Case("HS256 with the public key", lambda: confused(claims()), None),
    Case("another key", lambda: signed(claims(), "other-rsa", kid="rsa"), None),
    Case("another key, without an id", lambda: signed(claims(), "other-rsa", kid=None), None),
    Case("a key that nobody knows", lambda: signed(claims(), "other-rsa"), None),
    Case("a key id that nobody knows", lambda: signed(claims(), kid="nope"), None),
    Case("a key id that is too long", lambda: signed(claims(), kid="x" * 2000), None),
    Case("a key id that is a number", lambda: f"{part({'alg': 'RS256', 'kid': 5})}.{part(claims())}.{part(b'x')}", None),
    Case("a key for encryption", lambda: signed(claims(), "other-rsa", kid="for-encryption"), None),
    Case("a key that is too small", lambda: signed(claims(), "small-rsa"), None),
    Case("a key of another type", lambda: signed(claims(), "p256", "ES256", kid="rsa"), None),
    Case("a key of another curve", lambda: signed(claims(), "p256", "ES256", kid="p384"), None),
    Case("brings its own key", _own_key_in_header, None),
    Case("another's payload", _swapped_payload, None),
    Case("no signature", lambda: signed(claims()).rpartition(".")[0] + ".", None),
    Case("half a signature", lambda: signed(claims())[:-170], None),
    Case("two parts", lambda: signed(claims()).rpartition(".")[0], None),
    Case("four parts", lambda: signed(claims()) + ".x", None),
    Case("five parts, as when encrypted", lambda: "a.b.c.d.e", None),
    Case("no parts", lambda: "x", None),
    Case("header is not base64", lambda: "+++." + signed(claims()).partition(".")[2], None),
    Case("header is not JSON", lambda: part(b"{") + "." + signed(claims()).partition(".")[2], None),
    Case("header is a list", lambda: part([1]) + "." + signed(claims()).partition(".")[2], None),
    Case("header is nested deeply", lambda: part(b"[" * 5000) + "." + signed(claims()).partition(".")[2], None),
    Case("payload is not JSON", lambda: signed(b"{"), None),
    Case("payload is a list", lambda: signed([1]), None),
    Case("payload is nested deeply", lambda: signed(b'{"a":' + b"[" * 30_000), None),
    Case("payload names a claim twice", lambda: signed(json.dumps(claims()).encode()[:-1] + b',"sub":"admin"}'), None),
    Case("a critical header", lambda: _critical(), None),
    Case("a token within a token", lambda: signed(signed(claims()).encode(), header={"cty": "JWT"}), None, kafkas="alice"),
    Case("says that it has a token in it", lambda: signed(claims(), header={"cty": "JWT"}), None),
    Case("another audience", lambda: signed(claims(aud="other-service")), None),
    Case("no audience", lambda: signed(claims(aud=None)), None),
    Case("audience is a number", lambda: signed(claims(aud=5)), None),
    Case("audiences are empty", lambda: signed(claims(aud=[])), None),
    Case("another issuer", lambda: signed(claims(iss="https://issuer.test/")), None),
    Case("no issuer", lambda: signed(claims(iss=None)), None),
    Case("issuer is a list", lambda: signed(claims(iss=[ISSUER])), None),
    Case("expired", lambda: signed(claims(exp=_now_s() - 40, iat=_now_s() - 100)), None),
    Case("expired long ago", lambda: signed(claims(exp=1, iat=0)), None),
    Case("never expires", lambda: signed(claims(exp=None)), None),
    Case("expiration is a text", lambda: signed(claims(exp=str(_now_s() + 600))), None),
    Case("expiration is a boolean", lambda: signed(claims(exp=True)), None),
    Case("expiration beyond all times", lambda: signed(claims(exp=10**30)), None),
    Case(
        "expiration is infinite",
        lambda: signed(json.dumps(claims(exp=7)).replace(": 7", ": 1e999").encode()),
        None,
        kafkas=None,
    ),
    Case("expires before it was issued", lambda: signed(claims(iat=_now_s() + 900)), None),
    Case("expires before it is valid", lambda: signed(claims(nbf=_now_s() + 900)), None),
    Case("not valid yet", lambda: signed(claims(nbf=_now_s() + 100)), None),
    Case("valid from a text on", lambda: signed(claims(nbf="0")), None),
    Case("no time of issue", lambda: signed(claims(iat=None)), None),
    Case("issued before 1970", lambda: signed(claims(iat=-5)), None),
    Case("no subject", lambda: signed(claims(sub=None)), None),
    Case("subject is empty", lambda: signed(claims(sub="")), None),
    Case("subject is a space", lambda: signed(claims(sub=" ")), None),
    Case("subject is a number", lambda: signed(claims(sub=5)), None),
    Case("id is a number", lambda: signed(claims(jti=5)), None),
    Case("scope is an empty text", lambda: signed(claims(scope="")), None),
    Case("an empty scope", lambda: signed(claims(scope=["a", " "])), None),
    Case("a scope twice", lambda: signed(claims(scope=["a", " a"])), None),
    Case("huge", lambda: signed(claims(more="x" * 70_000)), None, kafkas="alice"),
)


def _critical() -> str:
    """Signed by hand: a library would not."""
    text = f"{part({'alg': 'RS256', 'kid': 'rsa', 'crit': ['x-mine'], 'x-mine': 1})}.{part(claims())}"
    key = key_of("rsa")
    assert isinstance(key, RSAKey)
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    private = key.private_key
    assert private is not None
    return f"{text}.{part(private.sign(text.encode(), PKCS1v15(), SHA256()))}"


class KeyServer:
    """Serves a key set over HTTP on loopback.

    Attributes:
        answer: the body, or what makes it fail: an exception's status code.
        requests: how many there were.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: bytes | int = standard_keys()
        self.requests = 0


@contextmanager
def key_server() -> Iterator[KeyServer]:
    """A server, as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests += 1
            body = server.answer
            self.send_response(200 if isinstance(body, bytes) else body)
            self.end_headers()
            if isinstance(body, bytes):
                self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server = KeyServer(f"http://127.0.0.1:{http.server_address[1]}/keys")
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
