"""kcat as a group member: librdkafka's balanced consumer from the command line."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from interop_tests.clients import Client
from interop_tests.conftest import require_commands
from tests.brokers import Broker

RECORDS = 300


@pytest.fixture(autouse=True)
def _toolchain() -> None:
    require_commands("kcat")


def test_members_share_a_topic_and_resume_where_the_group_stopped(
    broker: Broker, admin: Client, topic: str, tmp_path: Path
) -> None:
    admin.create_topic(topic, partitions=3)

    def produce(first: int) -> None:
        for partition in range(3):
            lines = "".join(f"{number}\n" for number in range(first, first + RECORDS) if number % 3 == partition)
            command = ["kcat", "-b", broker.bootstrap, "-P", "-t", topic, "-p", str(partition)]
            subprocess.run(command, input=lines, text=True, check=True)

    def consume(members: int, expected: set[int]) -> None:
        """Members of the group until all of `expected` was read; each record must come once."""
        outputs = [tmp_path / f"{min(expected)}-{member}" for member in range(members)]
        command = ["kcat", "-b", broker.bootstrap, "-u", "-q", "-X", "auto.offset.reset=earliest", "-G", f"kcat-{topic}", topic]
        processes = []
        for output in outputs:
            with output.open("wb") as file:
                processes.append(subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL))
        try:
            deadline = time.monotonic() + 40
            while time.monotonic() < deadline:
                read = [int(line) for output in outputs for line in output.read_text().split()]
                if len(read) >= len(expected):
                    break
                time.sleep(0.05)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(20)
        assert sorted(read) == sorted(expected)

    produce(0)
    consume(3, set(range(RECORDS)))
    produce(RECORDS)
    consume(1, set(range(RECORDS, 2 * RECORDS)))
