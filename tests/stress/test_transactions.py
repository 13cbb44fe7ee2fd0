"""Random transactions with kills in between, each record followed; `scripts/soak transactions` is the long form."""

from __future__ import annotations

import contextlib
import os
import random
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import REPOSITORY_ROOT

pytest.importorskip("confluent_kafka", reason="the transactional producers are librdkafka's")

SECONDS = 12
KILL_EVERY_S = 4


# librdkafka 2.16 has been seen to abort its process as the broker came back, by an assertion of its own.
CLIENT_ASSERTION = "rd_kafka_txn_handle_AddPartitionsToTxn: Assertion"
TRIES = 3


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_transactions_are_whole_or_not_there_over_kills(tmp_path: Path) -> None:
    """Committed, aborted, left open, fenced and timed out; a group that moves records; plain and compacted topics.

    In a process of its own, which the client may end: then another seed has its turn.
    """
    for _ in range(TRIES):
        seed = random.randrange(1 << 30)
        code, output = soak(seed, tmp_path)
        if not (code == -signal.SIGABRT and CLIENT_ASSERTION in output):
            break
    assert code == 0, f"seed {seed}\n{output[-5000:]}"
    assert " commit" in output
    assert "records moved" in output


def soak(seed: int, directory: Path) -> tuple[int, str]:
    """A round: how it ended and what it said."""
    broker = shlex.join(["env", f"PYTHONPATH={REPOSITORY_ROOT}", sys.executable, "-m", "kafka_compat.cli.main"])
    options = ["--seconds", str(SECONDS), "--kill-every", str(KILL_EVERY_S)]
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.soak_support", "--command", broker, "--seed", str(seed), "transactions", *options],
        cwd=REPOSITORY_ROOT,
        env={**os.environ, "TMPDIR": str(directory)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # the broker, where the soak did not come to its end
    return process.returncode, output
