"""Reads a key set from its URL, blocking, within limits of size and time: whoever serves it may be slow, or somebody else."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from kafka_compat.security.sasl.jwks import JwksError, KeySet, parse_jwks

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from typing import IO

SCHEMES: Final = ("https", "http", "file")
_MOST_BYTES: Final = 1024 * 1024
_PIECE_BYTES: Final = 64 * 1024
_TIMEOUT_S: Final = 5.0


def fetch_keys(url: str) -> KeySet:
    """The key set at an https, http or file URL.

    Raises:
        JwksError: it cannot be had, takes more than five seconds, has more than a MiB, or is none.
    """
    try:
        text = _read_file(url) if urlsplit(url).scheme == "file" else _read_http(url)
    except OSError as error:
        raise JwksError(str(error)) from error
    if len(text) > _MOST_BYTES:
        raise JwksError(f"it has more than {_MOST_BYTES} bytes")
    return parse_jwks(text)


def _read_file(url: str) -> bytes:
    with Path(url2pathname(urlsplit(url).path)).open("rb") as file:
        return file.read(_MOST_BYTES + 1)


def _read_http(url: str) -> bytes:
    from http.client import HTTPException
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class SameScheme(HTTPRedirectHandler):
        """Follows redirects as Java does: never from https to http."""

        def redirect_request(
            self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
        ) -> Request | None:
            if urlsplit(newurl).scheme != urlsplit(url).scheme:
                raise JwksError("it redirects to another scheme")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    until_s = time.monotonic() + _TIMEOUT_S
    request = Request(url, headers={"Accept": "application/json, application/jwk-set+json"})  # noqa: S310 (http or https)
    text = b""
    try:
        with build_opener(SameScheme()).open(request, timeout=_TIMEOUT_S) as response:
            while len(text) <= _MOST_BYTES and (piece := response.read1(_PIECE_BYTES)):
                text += piece
                if time.monotonic() > until_s:
                    raise JwksError(f"it takes more than {_TIMEOUT_S:.0f} seconds")
    except HTTPException as error:
        raise JwksError(f"the answer is not HTTP: {type(error).__name__}") from error
    return text
