"""Names what a client speaks that sent something other than a Kafka frame; for the log line of the closed connection."""

from __future__ import annotations

_HTTP_METHODS = (b"GET ", b"POST", b"PUT ", b"HEAD", b"DELE", b"OPTI", b"PATC", b"CONN", b"PRI ")


def describe_wrong_protocol(first_bytes: bytes | memoryview) -> str | None:
    """A guess from a connection's first bytes, or None when they look like nothing known."""
    start = bytes(first_bytes[:4])
    if start in _HTTP_METHODS:
        return "it looks like an HTTP request: this port speaks Kafka's protocol"
    if start[:1] == b"\x16" and start[1:2] == b"\x03":
        return "it looks like a TLS client hello: this listener is plaintext (security.protocol=PLAINTEXT)"
    if start == b"SSH-":
        return "it looks like an SSH client"
    return None


def describe_no_tls(first_bytes: bytes) -> str | None:
    """The same for a listener that speaks TLS; None when they look like TLS."""
    if first_bytes[:2] == b"\x16\x03":
        return None
    if first_bytes[:4] in _HTTP_METHODS:
        return "it looks like an HTTP request: this listener speaks Kafka's protocol over TLS"
    if first_bytes[:1] == b"\x00":
        return "it looks like Kafka's protocol without TLS: this listener wants security.protocol=SSL or SASL_SSL"
    if first_bytes[:4] == b"SSH-":
        return "it looks like an SSH client"
    return "it is no TLS"
