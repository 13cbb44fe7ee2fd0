"""Starts and stops Apache Kafka 4.3.1, the yardstick that conformance and interop tests compare with.

The jars come from Maven Central through `mvn`, once, into `.cache/reference/` (or `$KAFKA_COMPAT_CACHE`). A node is one KRaft
process, broker and controller at once, on free loopback ports, with its files in a temporary directory.

    scripts/reference_broker.py --set message.max.bytes=2000000      # prints the bootstrap address, runs until Ctrl-C

As a library:

    with ReferenceBroker({"num.partitions": "3"}) as broker:
        broker.tool("org.apache.kafka.tools.TopicCommand", "--list")
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

KAFKA_VERSION = "4.3.1"
SCALA_VERSION = "2.13"

# The binding is what the Kafka distribution ships; without it the broker would be mute and BROKER_LOGGER configs empty.
_LOG4J_BINDING = "2.25.4"

_REPOSITORY_ROOT = Path(__file__).resolve().parent.parent

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kafka-compat</groupId>
  <artifactId>reference</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_{SCALA_VERSION}</artifactId><version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka-streams</artifactId><version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>connect-file</artifactId><version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>{_LOG4J_BINDING}</version>
    </dependency>
  </dependencies>
</project>
"""

_LOG4J_CONFIG = """status = error
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = {level}
rootLogger.appenderRef.stderr.ref = stderr
"""

# What one node cannot do without (its internal topics would wait for three replicas), and what saves tests from waiting.
_SINGLE_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
}

# The tools live a second or two: no time for the optimising compiler or a parallel collector to pay off.
_SHORT_LIVED_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m")


# Of the system: tests that are drawn by the same seed must not draw the same ports.
_PORTS = random.SystemRandom()


class ReferenceUnavailableError(RuntimeError):
    """Java or Maven is missing, or the jars cannot be resolved: tests skip with this message (and fail in CI)."""


class ReferenceStartError(RuntimeError):
    """The node exited, or did not answer in time; the message ends with its output."""


def cache_dir() -> Path:
    """Where the jars are kept: `$KAFKA_COMPAT_CACHE`, else `.cache/reference` in the repository."""
    override = os.environ.get("KAFKA_COMPAT_CACHE")
    return Path(override) if override else _REPOSITORY_ROOT / ".cache" / "reference"


def resolve_jars() -> Path:
    """The directory that holds Kafka, its tools, Streams, Connect and all they need; fetched by Maven when the cache has none.

    Raises:
        ReferenceUnavailableError: no `mvn`, or it could not resolve the artifacts.
    """
    # A cache of another list of artifacts is not this one.
    jars = cache_dir() / f"lib-{KAFKA_VERSION}-{hashlib.sha256(_POM.encode()).hexdigest()[:8]}"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise ReferenceUnavailableError("Maven (mvn) is not installed and the cache holds no Kafka jars")
    cache_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir()) as work:
        (Path(work) / "pom.xml").write_text(_POM)
        command = [maven, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={work}/lib"]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ReferenceUnavailableError(f"Maven could not resolve Kafka {KAFKA_VERSION}:\n{done.stdout}{done.stderr}")
        # The rename makes the cache all or nothing; losing it to a parallel run leaves that run's equal jars.
        with contextlib.suppress(FileExistsError, OSError):
            (Path(work) / "lib").rename(jars)
    if not jars.is_dir():
        raise ReferenceUnavailableError(f"could not place the Kafka jars in {jars}")
    return jars


def java_executable() -> str:
    """The path of `java`.

    Raises:
        ReferenceUnavailableError: there is none.
    """
    java = shutil.which("java")
    if java is None:
        raise ReferenceUnavailableError("Java is not installed")
    return java


def java_command(
    main_class: str,
    *args: str,
    jvm_options: Sequence[str] = _SHORT_LIVED_JVM,
    log_level: str = "error",
    class_path: Sequence[Path] = (),
) -> list[str]:
    """The command line that runs `main_class` with Kafka's jars, and what else is named, on the class path.

    Log lines from `log_level` go to stderr.
    """
    jars = resolve_jars()
    log4j = cache_dir() / f"log4j2-{log_level}.properties"
    if not log4j.exists():
        # Written aside and renamed: a JVM of a parallel run never reads half a file.
        partial = log4j.with_suffix(f".{os.getpid()}")
        partial.write_text(_LOG4J_CONFIG.format(level=log_level))
        partial.replace(log4j)
    logging = f"-Dlog4j2.configurationFile=file:{log4j}"
    places = ":".join((f"{jars}/*", *map(str, class_path)))
    return [java_executable(), *jvm_options, logging, "-cp", places, main_class, *args]


def run_tool(
    main_class: str, *args: str, stdin: str | bytes | None = None, timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs a class of Kafka's tools to its end. `args` go in unchanged; output is decoded as UTF-8.

    Raises:
        subprocess.TimeoutExpired: it ran longer than `timeout_s`; it has been killed.
    """
    process = subprocess.Popen(
        java_command(main_class, *args), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        try:
            out, err = process.communicate(stdin.encode() if isinstance(stdin, str) else stdin, timeout_s)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(
        process.args, process.returncode, out.decode(errors="replace"), err.decode(errors="replace")
    )


def free_ports(count: int) -> list[int]:
    """Distinct loopback ports that are free now; all are held until all are chosen.

    They are below those that the system gives to whoever asks for any port: nobody is given one of them before it is used.
    """
    with contextlib.ExitStack() as stack:
        sockets: list[socket.socket] = []
        while len(sockets) < count:
            each = stack.enter_context(socket.socket())
            # A process of another test may have chosen it too; the one that binds it second looks for another.
            with contextlib.suppress(OSError):
                each.bind(("127.0.0.1", _PORTS.randrange(15_000, 32_000)))
                sockets.append(each)
        return [each.getsockname()[1] for each in sockets]


def _escaped(value: str) -> str:
    """A value as a properties file has it: in one line, and in ASCII."""
    value = value.replace("\\", "\\\\").replace("\n", "\\n")
    value = "".join(c if c.isascii() else "".join(f"\\u{unit:04x}" for unit in _utf16(c)) for c in value)
    return f"\\{value}" if value.startswith(" ") else value


def _utf16(character: str) -> Sequence[int]:
    raw = character.encode("utf-16-be")
    return struct.unpack(f">{len(raw) // 2}H", raw)


def brokers_known(port: int, timeout_s: float = 2) -> int:
    """How many brokers a Metadata v1 answer from `port` lists: 0 until the node is unfenced, and when nothing listens."""
    request = struct.pack(">hhih", 3, 1, 1, -1) + struct.pack(">i", 0)  # no client id, an empty list of topics
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection,
            connection.makefile("rb") as stream,
        ):
            connection.sendall(struct.pack(">i", len(request)) + request)
            head = stream.read(12)  # size, correlation id, count of brokers
    except OSError:
        return 0
    return struct.unpack(">iii", head)[2] if len(head) == 12 else 0


class ReferenceBroker:
    """One KRaft node of Apache Kafka 4.3.1. As a context manager it starts on entry, and stops and removes its files on exit.

    Args:
        config: overrides of, and additions to, the node's properties.
        port: of the client listener; a free one when None. It stays the same over restarts.
        data_dir: where log directory and properties go; a temporary directory (removed by `close`) when None.
        heap: `-Xmx` of the node.
        jvm_options: more options of the node's JVM.
        class_path: directories and jars beside Kafka's own.
        start_timeout_s: how long `start` waits for the first answer.
        listeners: more listeners, on free ports: name to security protocol. What they need is said in `config`. The listener
            PLAINTEXT is always there, as `start` asks it and brokers would use it among themselves.
    """

    def __init__(
        self,
        config: Mapping[str, str] | None = None,
        *,
        port: int | None = None,
        data_dir: Path | None = None,
        heap: str = "512m",
        jvm_options: Sequence[str] = (),
        class_path: Sequence[Path] = (),
        start_timeout_s: float = 60,
        listeners: Mapping[str, str] | None = None,
    ) -> None:
        protocols = dict(listeners or {})
        free, controller_port, *more_ports = free_ports(2 + len(protocols))
        self.port = free if port is None else port
        self._owns_data_dir = data_dir is None
        self.data_dir = Path(tempfile.mkdtemp(prefix="kafka-reference-")) if data_dir is None else data_dir
        self._jvm_options = (f"-Xmx{heap}", "-XX:+UseSerialGC", "-Xshare:auto", *jvm_options)
        self._class_path = class_path
        self._start_timeout_s = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._log_path = self.data_dir / "broker.log"
        self._properties_path = self.data_dir / "server.properties"
        self._ports = {"PLAINTEXT": self.port, **dict(zip(protocols, more_ports, strict=True))}
        endpoints = [f"{name}://127.0.0.1:{number}" for name, number in (*self._ports.items(), ("CONTROLLER", controller_port))]
        protocol_map = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **protocols}
        self._properties = {
            **_SINGLE_NODE,
            "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in protocol_map.items()),
            "listeners": ",".join(endpoints),
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller_port}",
            "log.dirs": str(self.data_dir / "log"),
            **(config or {}),
        }

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""
        return f"127.0.0.1:{self.port}"

    def bootstrap_of(self, listener: str) -> str:
        """Host and port for clients of that listener."""
        return f"127.0.0.1:{self._ports[listener]}"

    @property
    def pid(self) -> int:
        """Process id of the running node."""
        assert self._process is not None, "the node is not running"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has been started and neither stopped nor killed since."""
        return self._process is not None

    def start(self) -> None:
        """Formats the log directory when it is new, starts the node and waits until its Metadata answer lists it.

        Raises:
            ReferenceUnavailableError: no Java, or no jars.
            ReferenceStartError: it did not come up.
        """
        assert self._process is None, "the node is running"
        if not (self.data_dir / "log").exists():
            self._format()
        command = java_command(
            "kafka.Kafka",
            str(self._properties_path),
            jvm_options=self._jvm_options,
            log_level="warn",
            class_path=self._class_path,
        )
        self._output = self._log_path.open("ab")
        # Its own session: a Ctrl-C in the terminal reaches the caller, who stops the node in order.
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True
        )
        deadline = time.monotonic() + self._start_timeout_s
        while brokers_known(self.port) == 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ReferenceStartError(f"Kafka {KAFKA_VERSION} did not start:\n{self.log_text()}")
            time.sleep(0.05)

    def _format(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._properties_path.write_text("".join(f"{key}={_escaped(value)}\n" for key, value in self._properties.items()))
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if cluster_id.startswith("-"):  # an option, to the tool's argument parser
            cluster_id = "A" + cluster_id[1:]
        done = run_tool("kafka.tools.StorageTool", "format", "--standalone", "-t", cluster_id, "-c", str(self._properties_path))
        if done.returncode != 0:
            raise ReferenceStartError(f"formatting failed:\n{done.stdout}{done.stderr}")

    def stop(self, timeout_s: float = 30) -> int | None:
        """SIGTERM, then waits for the controlled shutdown. The exit code (143 for Java), or None when it was not running.

        Raises:
            subprocess.TimeoutExpired: it did not end; it has been killed.
        """
        return self._end(signal.SIGTERM, timeout_s)

    def kill(self) -> int | None:
        """SIGKILL: what a crash leaves behind. The exit code, or None when it was not running."""
        return self._end(signal.SIGKILL, 30)

    def _end(self, with_signal: signal.Signals, timeout_s: float) -> int | None:
        process, output = self._process, self._output
        self._process = self._output = None
        if process is None:
            return None
        try:
            process.send_signal(with_signal)
            return process.wait(timeout_s)
        except BaseException:  # too slow, or interrupted: either way nothing must be left running
            process.kill()
            process.wait()
            raise
        finally:
            if output is not None:
                output.close()

    def restart(self) -> None:
        """Starts again on the same port and files; stops it first when it runs.

        After a kill this takes as long as the controller holds the dead node's registration: `broker.session.timeout.ms`, 9 s.
        """
        self.stop()
        self.start()

    def tool(
        self, main_class: str, *args: str, stdin: str | bytes | None = None, timeout_s: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """`run_tool` with `--bootstrap-server` of this node put first."""
        return run_tool(main_class, "--bootstrap-server", self.bootstrap, *args, stdin=stdin, timeout_s=timeout_s)

    def log_text(self) -> str:
        """What the node has written to stdout and stderr so far, over all its starts."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def close(self) -> None:
        """Ends the node if it runs and removes the files that it was not given by the caller."""
        self.kill()
        if self._owns_data_dir:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def __enter__(self) -> ReferenceBroker:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()


def _parse_setting(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form key=value")
    return key, value


def main() -> int:
    """The command line: starts a node, prints its bootstrap address, runs until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(description=f"Run Apache Kafka {KAFKA_VERSION} as one KRaft node.")
    parser.add_argument("--set", metavar="K=V", type=_parse_setting, action="append", default=[], help="a broker property")
    parser.add_argument("--port", type=int, help="port of the client listener (default: a free one)")
    parser.add_argument("--data-dir", type=Path, help="keep the files here (default: a temporary directory)")
    parser.add_argument("--heap", default="512m", help="-Xmx of the node (default: 512m)")
    arguments = parser.parse_args()

    def interrupted(_signal: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one is enough: a second must not cut the shutdown short
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    broker = ReferenceBroker(dict(arguments.set), port=arguments.port, data_dir=arguments.data_dir, heap=arguments.heap)
    try:
        broker.start()
        print(broker.bootstrap, flush=True)
        signal.pause()
    except KeyboardInterrupt:
        broker.stop()
    except (ReferenceUnavailableError, ReferenceStartError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
