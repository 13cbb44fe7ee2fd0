"""What docs/control-plane.md shows happens as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from kafka_compat.testing.kafka import Kafka
from kafka_compat.web.control.server import ControlServer
from tests.web.controlled import ControlClient

PAGE = (Path(__file__).parent.parent.parent / "docs" / "control-plane.md").read_text()


def test_its_commands() -> None:
    commands = re.findall(
        r"^    \$ curl -s localhost:9645(\S+) .*?-d '(.*?)'\n(?:    (\{\"error.*\})\n)?", PAGE.replace("\\\n", ""), re.MULTILINE
    )
    assert len(commands) == 3
    with Kafka(topics={"orders": 3}, clock="manual") as kafka, ControlServer(kafka) as server:
        for path, body, shown in commands:
            status, found = ControlClient(server.url).call("POST", path, json.loads(body))
            if shown:
                assert (status, found) == (408, json.loads(shown))
            else:
                assert status == 200, found


def test_the_examples_that_it_names_are_there() -> None:
    for name in re.findall(r"\((\.\./interop_tests/[^)]+)\)", PAGE):
        assert (Path(__file__).parent.parent.parent / "docs" / name).is_file(), name
