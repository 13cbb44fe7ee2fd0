"""`kafka-compat protocol decode|encode`: messages between bytes and JSON, one a line.

    decode    {"message": "ProduceRequest", "version": 9, "hex": "..."}  to the same with "json" for "hex"
    encode    the other way round

A line that cannot be turned over keeps its message and version and gets "error", and "position" where it is known: the
offset of the byte (decode), of the byte the encoder had come to (encode) or of the character of the line (not JSON). The
next line goes on. Header fields and the version prefix of a coordinator record's key or value are no part of a message.
"""

from __future__ import annotations

import argparse
import io
import json
import struct
import sys
from collections.abc import Callable
from typing import TextIO

from kafka_compat.protocol.errors import UnsupportedVersion
from kafka_compat.protocol.json_form import Json, from_json, to_json
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import MODULES, message_class
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Reader, Writer

JsonObject = dict[str, Json]


class LineError(Exception):
    """A line that says nothing that can be decoded or encoded."""


def run_decode(stdin: TextIO, stdout: TextIO) -> int:
    """Decode each line of `stdin` to a line of `stdout`; 0, or 1 when a line had an error."""
    return _run(stdin, stdout, decode_line)


def run_encode(stdin: TextIO, stdout: TextIO) -> int:
    """Encode each line of `stdin` to a line of `stdout`; 0, or 1 when a line had an error."""
    return _run(stdin, stdout, encode_line)


def _run(stdin: TextIO, stdout: TextIO, turn_over: Callable[[JsonObject], JsonObject]) -> int:
    failed = 0
    for line in stdin:
        if not line.strip():
            continue
        answer, readable = _answer(line, turn_over)
        failed |= not readable
        # An error may quote half a surrogate pair that no encoding can write, so those lines are plain ASCII.
        stdout.write(json.dumps(answer, ensure_ascii=not readable) + "\n")
        stdout.flush()  # who writes one line and waits for its answer must get it
    return int(failed)


def _answer(line: str, turn_over: Callable[[JsonObject], JsonObject]) -> tuple[JsonObject, bool]:
    try:
        request: Json = json.loads(line)
    except json.JSONDecodeError as invalid:
        return {"error": f"not JSON: {invalid}", "position": invalid.pos}, False
    except (ValueError, RecursionError) as invalid:
        return {"error": f"not JSON: {invalid}"}, False
    if not isinstance(request, dict):
        return {"error": "not a JSON object"}, False
    kept: JsonObject = {key: request[key] for key in ("message", "version") if key in request}
    try:
        return kept | turn_over(request), True
    except WireError as invalid:
        return kept | {"error": str(invalid), "position": invalid.position}, False
    except UnsupportedVersion as refused:
        return kept | {"error": str(refused.message)}, False
    except (LineError, ValueError, OverflowError, RecursionError, struct.error) as invalid:
        return kept | {"error": str(invalid)}, False


def decode_line(request: JsonObject) -> JsonObject:
    """`{"json": ...}` of the message whose bytes are in `hex`."""
    message, version = _message_and_version(request)
    text = request.get("hex")
    if not isinstance(text, str):
        raise LineError('"hex" is missing')
    reader = Reader(_bytes_of_hex(text))
    value = message.decode(reader, version)
    if reader.remaining:
        raise WireError(f"{reader.remaining} bytes are left behind the message", reader.position)
    return {"json": to_json(value, version)}


def _bytes_of_hex(text: str) -> bytes:
    try:
        if text.isascii() and not any(character.isspace() for character in text):
            return bytes.fromhex(text)
    except ValueError:
        pass
    wrong = next((index for index, digit in enumerate(text) if digit not in "0123456789abcdefABCDEF"), len(text) - 1)
    raise WireError("no hexadecimal digits", wrong // 2)


def encode_line(request: JsonObject) -> JsonObject:
    """`{"hex": ...}` of the message whose fields are in `json`."""
    message, version = _message_and_version(request)
    if "json" not in request:
        raise LineError('"json" is missing')
    value = from_json(message, request["json"], version)
    writer = Writer()
    value.encode(writer, version)
    return {"hex": writer.to_bytes().hex()}


def _message_and_version(request: JsonObject) -> tuple[type[Message], int]:
    name = request.get("message")
    version = request.get("version")
    if not isinstance(name, str) or name not in MODULES:
        raise LineError(f"unknown message {name!r}")
    if not isinstance(version, int) or isinstance(version, bool):
        raise LineError(f"version {version!r} is no number")
    return message_class(name), version


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], summary: str) -> None:
    """Add `protocol` to the command line, with `summary` beside it; `arguments.run(arguments)` gives the exit status."""
    parser = subparsers.add_parser("protocol", help=summary)
    actions = parser.add_subparsers(dest="action", required=True, metavar="decode|encode")
    decode = actions.add_parser("decode", help="JSON lines with hex to JSON lines with json")
    decode.set_defaults(run=lambda arguments: _on_standard_streams(run_decode))
    encode = actions.add_parser("encode", help="JSON lines with json to JSON lines with hex")
    encode.set_defaults(run=lambda arguments: _on_standard_streams(run_encode))


def _on_standard_streams(run: Callable[[TextIO, TextIO], int]) -> int:
    """Run over stdin and stdout in UTF-8 whatever the locale; bytes that are none give an error in their line."""
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "strict")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    return run(sys.stdin, sys.stdout)
