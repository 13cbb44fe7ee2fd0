"""Kafka's own formatters of __consumer_offsets read our records as they read the reference's."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from scripts.reference_broker import run_tool
from tests.conformance.both import Both, Side
from tests.conformance.group_script import Cast, GroupScript, subscription
from tests.conformance.offset_requests import Offsets, commit_request

pytestmark = [pytest.mark.reference, pytest.mark.slow]

_TOOL = "org.apache.kafka.tools.consumer."
_FORMATTERS = ("OffsetsMessageFormatter", "GroupMetadataMessageFormatter")


def formatted(side: Side, formatter: str, group: str) -> list[str]:
    """What the console consumer prints of the group, a text per record; random ids, topic ids and times have names."""
    done = run_tool(
        f"{_TOOL}ConsoleConsumer", "--bootstrap-server", side.bootstrap, "--topic", "__consumer_offsets", "--from-beginning",
        "--timeout-ms", "5000", "--formatter", f"{_TOOL}{formatter}",
    )  # fmt: skip
    decoder = json.JSONDecoder()
    text, position = done.stdout.strip(), 0
    found = []
    while position < len(text):
        record, end = decoder.raw_decode(text, position)
        position = end + len(text[end:]) - len(text[end:].lstrip())
        if record["key"]["data"]["group"] == group:
            found.append(_named(json.dumps(record, sort_keys=True)))
    return found


def _named(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", text)
    text = re.sub(r'("topicId": )"[^"]*"', r'\1"<id>"', text)
    return re.sub(r'("(commit|expire|currentState)Timestamp": )\d{13}', r"\1<time>", text)


def test_formatters_print_our_records(both: Both) -> None:
    topic = both.create_topic(both.name("formatted"), 1)
    script = GroupScript(both, "formatted")

    def commit(version: int, metadata: str, retention_ms: int = -1) -> None:
        offsets = [Offsets(topic, [(0, version, metadata)])]

        def make(cast: Cast) -> Message:
            return commit_request(cast.side, version, script.group, offsets, retention_ms=retention_ms)

        script.call("admin", "commit", make, version)

    script.join("a", instance="größer", protocols=(("range", subscription(topic, user_data=b"\x00\xff")),))
    script.sync("a", instance="größer", assign=["a"])
    script.leave("a", member="", instance="größer")
    commit(2, "with a retention", 3_600_000)
    for version in (4, 6, 9):
        commit(version, "größer 😀")
    script.join("b", protocols=(("range", subscription(topic)),))
    script.sync("b", assign=["b"])
    script.leave("b")
    script.delete()
    script.finish()
    with ThreadPoolExecutor(2) as pool:
        for formatter in _FORMATTERS:
            reference, ours = pool.map(partial(formatted, formatter=formatter, group=script.group), both.sides)
            assert len(reference) >= 5, reference
            both.compare_values(formatter, ApiKey.FETCH, list(reference), list(ours))
