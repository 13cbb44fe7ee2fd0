"""Kafka's command-line tools against Apache Kafka and against our broker, and what they print side by side."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import IO, NamedTuple

from scripts.reference_broker import java_command, run_tool
from tests.support.brokers import Broker
from tests.support.java_classes import compiled

_SOURCE = Path(__file__).parent / "ToolRunner.java"

TOPICS = "org.apache.kafka.tools.TopicCommand"
CONFIGS = "kafka.admin.ConfigCommand"
GET_OFFSETS = "org.apache.kafka.tools.GetOffsetShell"
DELETE_RECORDS = "org.apache.kafka.tools.DeleteRecordsCommand"
LOG_DIRS = "org.apache.kafka.tools.LogDirsCommand"
CLUSTER = "org.apache.kafka.tools.ClusterTool"
API_VERSIONS = "org.apache.kafka.tools.BrokerApiVersionsCommand"
FEATURES = "org.apache.kafka.tools.FeatureCommand"
METADATA_QUORUM = "org.apache.kafka.tools.MetadataQuorumCommand"
LEADER_ELECTION = "org.apache.kafka.tools.LeaderElectionCommand"
REASSIGN = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"
PRODUCER_PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"
PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
CLIENT_METRICS = "org.apache.kafka.tools.ClientMetricsCommand"
TRANSACTIONS = "org.apache.kafka.tools.TransactionsCommand"
ACLS = "org.apache.kafka.tools.AclCommand"
DELEGATION_TOKENS = "org.apache.kafka.tools.DelegationTokenCommand"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
CONSUMER_GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"

# Tools that change nothing, and how often a look that differs is repeated.
_LOOKS = frozenset({GET_OFFSETS, API_VERSIONS})
_LOOKS_AGAIN = 5


class Ran(NamedTuple):
    """What a tool did."""

    exit_code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit code {self.exit_code}\n{self.out}--- stderr\n{self.err}"


class Difference(NamedTuple):
    """Lines that may differ.

    Attributes:
        tool: the class.
        reference: what all of a line matches that only the reference prints; None: all that it prints, ours must too.
        ours: what all of a line matches that only ours prints; None: none.
        reason: why.
    """

    tool: str
    reference: str | None
    ours: str | None
    reason: str

    def covers(self, tool: str, line: str) -> bool:
        """Whether a line of a diff, with its sign, is explained by this."""
        pattern = {"-": self.reference, "+": self.ours}[line[0]]
        return tool == self.tool and pattern is not None and re.fullmatch(pattern, line[1:]) is not None


class ToolRunner:
    """One JVM that runs tools one after the other; `close` ends it."""

    def __init__(self) -> None:
        command = java_command("ToolRunner")
        command[command.index("-cp") + 1] += f":{compiled(_SOURCE)}"
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests: IO[bytes] = process.stdin
        self._answers: IO[bytes] = process.stdout

    def start(self, tool: str, args: Sequence[str], stdin: str) -> None:
        """Have a tool run; `result` waits for its end."""
        self._requests.write(json.dumps({"tool": tool, "args": args, "stdin": stdin}).encode() + b"\n")
        self._requests.flush()

    def result(self) -> Ran:
        """What the tool that was started did."""
        line = self._answers.readline()
        assert line, f"the JVM of the tools ended with exit code {self._process.poll()}"
        answer = json.loads(line)
        return Ran(answer["exit_code"], answer["out"], answer["err"])

    def close(self) -> None:
        """End the JVM."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()


@dataclass
class Side:
    """A broker and the JVM whose tools talk to it, at one of its listeners."""

    broker: Broker
    runner: ToolRunner
    kept: dict[str, str] = field(default_factory=dict)  # text of this side only -> its name in comparisons
    listener: str = "PLAINTEXT"

    @property
    def bootstrap(self) -> str:
        """What the tools are given."""
        return self.broker.bootstrap_of(self.listener)

    def normal(self, text: str) -> str:
        """The text with what is this side's own replaced by names."""
        for own, name in self.kept.items():
            text = text.replace(own, name)
        return text


Normalise = Callable[[str], str]


class BothTools:
    """Runs a tool against both brokers at once and compares exit code, standard output and standard error."""

    def __init__(self, reference: Side, ours: Side, differences: Sequence[Difference]) -> None:
        self.reference = reference
        self.ours = ours
        self._differences = differences
        self._problems: list[str] = []

    @property
    def sides(self) -> tuple[Side, Side]:
        """The reference, then ours."""
        return self.reference, self.ours

    def run(
        self, tool: str, *args: str, stdin: str = "", bootstrap: Sequence[str] = ("--bootstrap-server",)
    ) -> tuple[Ran, Ran]:
        """What the tool did against the reference and against ours, with each side's own texts replaced.

        `<side>` in an argument is `reference` or `ours`: names of files that differ.
        """
        for side, name in zip(self.sides, ("reference", "ours"), strict=True):
            side.runner.start(tool, [*bootstrap, side.bootstrap, *(arg.replace("<side>", name) for arg in args)], stdin)
        reference, ours = (side.runner.result() for side in self.sides)
        return self._normal(self.reference, reference), self._normal(self.ours, ours)

    def compare(
        self,
        tool: str,
        *args: str,
        stdin: str = "",
        normalise: Normalise = str,
        bootstrap: Sequence[str] = ("--bootstrap-server",),
        exit_code: int = 0,
    ) -> Ran:
        """Run and compare; what differs fails the test at its end, so that one run shows all.

        A look at what is there is repeated when it differs: the reference answers a change before its broker has heard of it.

        Args:
            tool: the class.
            args: after the bootstrap server.
            stdin: of the tool.
            normalise: what to do to standard output and error before comparing, on both sides.
            bootstrap: what comes before the address of the broker.
            exit_code: of the reference; guards against comparing two usage messages.

        Returns:
            What the reference did.
        """
        label = f"{tool.rpartition('.')[2]} {' '.join(args)}"
        is_look = tool in _LOOKS or not {"--describe", "--list", "describe"}.isdisjoint(args)
        for is_last in (False,) * (_LOOKS_AGAIN if is_look else 0) + (True,):
            reference, ours = (
                Ran(ran.exit_code, normalise(ran.out), normalise(ran.err))
                for ran in self.run(tool, *args, stdin=stdin, bootstrap=bootstrap)
            )
            lines = self._unexplained(tool, reference, ours)
            if is_last or (not lines and reference.exit_code == exit_code):
                break
        if reference.exit_code != exit_code:
            lines = [f"exit code {exit_code} was expected of the reference:", str(reference), *lines]
        if lines:
            self._problems.append("\n  ".join([label, *lines]))
        return reference

    def _unexplained(self, tool: str, reference: Ran, ours: Ran) -> list[str]:
        return [line for line in _unlike(reference, ours) if not any(known.covers(tool, line) for known in self._differences)]

    def verdict(self) -> list[str]:
        """What differed since the last call."""
        problems, self._problems = self._problems, []
        return problems

    @staticmethod
    def _normal(side: Side, ran: Ran) -> Ran:
        return Ran(ran.exit_code, side.normal(ran.out), side.normal(ran.err))


def sub(pattern: str, by: str) -> Normalise:
    """A normalisation that replaces what matches in each line."""
    return lambda text: re.sub(pattern, by, text, flags=re.MULTILINE)


def _unlike(reference: Ran, ours: Ran) -> list[str]:
    """The lines that one side alone has, marked - for the reference and + for ours."""
    head = 2  # the names of the two files
    compared = list(unified_diff(str(reference).splitlines(), str(ours).splitlines(), n=0, lineterm=""))
    return [line for line in compared[head:] if not line.startswith("@@")]


def tool(broker: Broker, main_class: str, *args: str, stdin: str | None = None) -> str:
    """Standard output of the tool, which must end well."""
    done = run_tool(main_class, "--bootstrap-server", broker.bootstrap, *args, stdin=stdin)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
