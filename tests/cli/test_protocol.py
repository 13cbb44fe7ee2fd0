"""`kafka-compat protocol`: lines in, lines out, whatever is in them."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys

import pytest

from kafka_compat.cli.main import build_parser
from kafka_compat.cli.protocol import run_decode, run_encode
from tests.support.protocol_vectors import GOLDEN

Line = dict[str, object]


def run(command: str, *lines: object) -> tuple[int, list[Line]]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    stdout = io.StringIO()
    status = (run_decode if command == "decode" else run_encode)(io.StringIO(text), stdout)
    return status, [json.loads(line) for line in stdout.getvalue().splitlines()]


def decode_one(line: object) -> Line:
    return run("decode", line)[1][0]


def encode_one(line: object) -> Line:
    return run("encode", line)[1][0]


def test_vectors_go_round_in_order() -> None:
    with gzip.open(GOLDEN / "codec-vectors.jsonl.gz", "rt", encoding="utf-8") as vectors:
        lines = [json.loads(line) for line in vectors][::5]
    status, decoded = run("decode", *[{key: line[key] for key in ("message", "version", "hex")} for line in lines])
    assert status == 0
    status, encoded = run("encode", *decoded)
    assert status == 0
    assert [line["hex"] for line in encoded] == [line["hex"] for line in lines]
    assert [line["message"] for line in encoded] == [line["message"] for line in lines]
    status, encoded = run("encode", *[{key: line[key] for key in ("message", "version", "json")} for line in lines])
    assert [line["hex"] for line in encoded] == [line["hex"] for line in lines]


def test_a_bad_line_does_not_stop_the_next() -> None:
    good = {"message": "HeartbeatResponse", "version": 0, "hex": "0005"}
    status, lines = run("decode", good, "no json", {**good, "hex": "00"}, good)
    assert status == 1
    answer = {"message": "HeartbeatResponse", "version": 0, "json": {"errorCode": 5}}
    assert lines[0] == lines[3] == answer
    assert "not JSON" in str(lines[1]["error"])
    assert lines[2]["message"] == "HeartbeatResponse"
    assert lines[2]["version"] == 0
    assert lines[2]["position"] == 0
    assert "json" not in lines[2]


@pytest.mark.parametrize(
    ("line", "error", "position"),
    [
        ({"message": "HeartbeatRequest", "version": 0, "hex": "0001670000"}, "ends early", 3),
        ({"message": "HeartbeatResponse", "version": 0, "hex": "000501"}, "1 bytes are left behind the message at byte 2", 2),
        ({"message": "HeartbeatResponse", "version": 0, "hex": "00 5"}, "no hexadecimal digits", 1),
        ({"message": "HeartbeatResponse", "version": 0, "hex": "000"}, "no hexadecimal digits", 1),
        ({"message": "HeartbeatResponse", "version": 0, "hex": "0g"}, "no hexadecimal digits", 0),
        ({"message": "HeartbeatResponse", "version": 0}, '"hex" is missing', None),
        ({"message": "HeartbeatResponse", "version": 99, "hex": ""}, "no version 99", None),
        ({"message": "HeartbeatResponse", "version": "1", "hex": ""}, "is no number", None),
        ({"message": "Heartbeat", "version": 0, "hex": ""}, "unknown message 'Heartbeat'", None),
        ({"version": 0, "hex": ""}, "unknown message None", None),
        ([], "not a JSON object", None),
    ],
)
def test_what_cannot_be_decoded_says_why_and_where(line: object, error: str, position: int | None) -> None:
    answer = decode_one(line)
    assert error in str(answer["error"])
    assert answer.get("position") == position
    if isinstance(line, dict):
        assert answer.get("message") == line.get("message")
        assert answer.get("version") == line.get("version")


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({}, "HeartbeatRequest.groupId: missing"),
        ({"groupId": None}, "HeartbeatRequest.groupId: cannot be null"),
        ({"groupId": 5}, "HeartbeatRequest.groupId: not a string"),
        ({"generationId": 2**31}, "is no int32"),
        ({"generationId": True}, "not a int32"),
        ({"generationId": 1.0}, "not a int32"),
        ({"groupInstanceId": "i"}, "groupInstanceId: not in version 0"),
        ({"other": 1}, "HeartbeatRequest.other: unknown field"),
        ({"groupId": "\ud800"}, "no Unicode text"),
        ({"groupId": "a" * 32768}, "longer than 32767"),
    ],
)
def test_what_cannot_be_encoded_says_why(values: Line, error: str) -> None:
    whole: Line = {} if not values else {"groupId": "g", "generationId": 1, "memberId": "m"}
    answer = encode_one({"message": "HeartbeatRequest", "version": 0, "json": whole | values})
    assert error in str(answer["error"])
    assert answer["message"] == "HeartbeatRequest"


def test_missing_tagged_and_defaulted_fields_take_their_default() -> None:
    topics: Line = {"replicaId": -1, "maxWaitMs": 1, "minBytes": 1, "topics": []}
    answer = encode_one({"message": "FetchRequest", "version": 12, "json": {**topics, "forgottenTopicsData": []}})
    assert str(answer["hex"]).startswith("ffffffff" + "00000001" + "00000001" + "7fffffff")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("topicId", "short", "22 characters of base64url"),
        ("topicId", "A" * 21 + "+", "22 characters"),
        ("topicId", 5, "not a uuid"),
    ],
)
def test_uuids_are_checked(field: str, value: object, error: str) -> None:
    topic = {"topicId": "A" * 22, "name": None, field: value}
    values = {"topics": [topic], "allowAutoTopicCreation": True, "includeTopicAuthorizedOperations": False}
    answer = encode_one({"message": "MetadataRequest", "version": 12, "json": values})
    assert error in str(answer["error"])
    assert "topics[0].topicId" in str(answer["error"])


def test_bytes_are_checked() -> None:
    answer = encode_one({"message": "SaslAuthenticateRequest", "version": 0, "json": {"authBytes": "a b="}})
    assert answer["error"] == "SaslAuthenticateRequest.authBytes: not base64"


def test_strange_json_is_an_error_of_its_line() -> None:
    status, lines = run("encode", "[" * 100_000, "9" * 5000, '{"message": "\\ud800", "version": 0}', "\ufeff{}")
    assert status == 1
    assert len(lines) == 4
    assert all("error" in line for line in lines)


def test_empty_lines_are_skipped() -> None:
    assert run("decode", "", "  ") == (0, [])


def test_the_command_line_reads_utf_8_in_any_locale() -> None:
    line = {"message": "SaslHandshakeRequest", "version": 0, "json": {"mechanism": "é漢"}}
    environment = {"PYTHONIOENCODING": "latin-1", "PYTHONDONTWRITEBYTECODE": "1"}

    def call(action: str, text: bytes) -> tuple[int, bytes]:
        command = [sys.executable, "-m", "kafka_compat", "protocol", action]
        done = subprocess.run(command, input=text, capture_output=True, env=environment, timeout=60)
        return done.returncode, done.stdout

    status, encoded = call("encode", json.dumps(line, ensure_ascii=False).encode() + b"\n\xff\xfe\n")
    first, second = encoded.splitlines()
    assert status == 1
    assert json.loads(first)["hex"] == "0005c3a9e6bca2"
    assert "error" in json.loads(second)
    status, decoded = call("decode", first)
    assert status == 0
    assert json.loads(decoded.decode()) == line


def test_the_parser_needs_an_action() -> None:
    parser = build_parser("protocol")
    with pytest.raises(SystemExit):
        parser.parse_args(["protocol"])
    assert callable(parser.parse_args(["protocol", "decode"]).run)
