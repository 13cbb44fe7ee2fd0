"""A Kafka for tests that are not written in Python, or not run by pytest.

    python -m kafka_compat.testing --brokers 3 --topic orders:6      # prints bootstrap.servers, runs until it is interrupted
    python -m kafka_compat.testing -- npm test                       # runs a command with KAFKA_BOOTSTRAP_SERVERS set
    python -m kafka_compat.testing --control 0 -- npm test           # and KAFKA_COMPAT_CONTROL, the URL of the control plane

With a command, its exit code is the exit code.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from kafka_compat.config.errors import BadSettings
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import Node

if TYPE_CHECKING:
    from kafka_compat.web.control.server import ControlServer

_FOREVER_S = 3600.0
_NOT_FOUND = 127  # as a shell says it
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments`, by default the process's; the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        kafka = Kafka(
            brokers=[Node(id=index + 1, port=given.port and given.port + index) for index in range(given.brokers)],
            topics=dict(given.topic),
            configs=dict(given.config),
            data_dir=given.data_dir,
            auto_create=not given.no_auto_create,
            cluster_id=given.cluster_id,
            clock=given.clock,
        )
        control = None if given.control is None else _control(kafka, given.control, given.control_token)
        kafka.start()
    except (TypeError, ValueError, OSError) as error:
        parser.error(str(error))
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        environment = {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers}
        if control is not None:
            try:
                control.start()
            except OSError as error:
                print(f"--control {given.control} cannot be had: {error.strerror}", file=sys.stderr)
                return 1
            environment["KAFKA_COMPAT_CONTROL"] = control.url
        if given.command:
            return _run(given.command, environment)
        print(*environment.values(), sep="\n", flush=True)
        while True:
            time.sleep(_FOREVER_S)
    except KeyboardInterrupt:
        return 0
    finally:
        if control is not None:
            control.stop()
        kafka.stop()
        signal.signal(signal.SIGTERM, before)


def _control(kafka: Kafka, address: str, token: str | None) -> ControlServer:
    """The control plane at `[HOST:]PORT`, not started; raises ValueError."""
    # A room above this one: the command line is nobody's, and imports it when it is asked for.
    from kafka_compat.config.listeners import parse_address
    from kafka_compat.web.extra import MissingExtra

    try:
        from kafka_compat.web.control.server import ControlServer
        from kafka_compat.web.http_server import quiet

        host, port = parse_address(f"127.0.0.1:{address}" if address.isdecimal() else address, "--control")
        quiet()
        return ControlServer(kafka, host, port, token=token)
    except ImportError as error:
        raise ValueError(f"--control needs {error.name}: pip install 'kafka-compat[http]'") from None
    except (BadSettings, MissingExtra) as error:
        raise ValueError(str(error)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kafka_compat.testing",
        usage="%(prog)s [options] [-- COMMAND ...]",
        description="Run a Kafka in memory: for a command, or until interrupted.",
    )
    parser.add_argument("--brokers", type=_number, default=1, metavar="N", help="how many (default: 1)")
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help="of the first broker, the others follow (default: free)"
    )
    parser.add_argument(
        "--topic", type=_topic, action="append", default=[], metavar="NAME[:PARTITIONS]", help="make a topic; repeatable"
    )
    parser.add_argument(
        "--config", type=_config, action="append", default=[], metavar="KEY=VALUE", help="set a broker config; repeatable"
    )
    parser.add_argument("--clock", choices=("real", "manual"), default="real", help="manual: only tests let time pass")
    parser.add_argument(
        "--control", metavar="[HOST:]PORT", help="let tests drive it over HTTP; port 0 is a free one (needs the extra `http`)"
    )
    parser.add_argument(
        "--control-token", default=os.environ.get("KAFKA_COMPAT_CONTROL_TOKEN"), metavar="TOKEN", help="that they have to carry"
    )
    parser.add_argument("--cluster-id", metavar="ID", help="instead of a random one")
    parser.add_argument("--data-dir", type=Path, metavar="PATH", help="keep the data there instead of in memory")
    parser.add_argument("--no-auto-create", action="store_true", help="make no topic because a client asks for it")
    parser.add_argument(
        "command", nargs="*", metavar="COMMAND", help="run this with KAFKA_BOOTSTRAP_SERVERS set, and stop when it has ended"
    )
    return parser


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1, not {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 0xFFFF:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _topic(text: str) -> tuple[str, int]:
    name, colon, partitions = text.partition(":")
    return name, _number(partitions) if colon else 1


def _config(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"a config is key=value, not {text!r}")
    return key, value


def _run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a command to its end; one that is interrupted has the time it takes, unless it is interrupted again."""
    environment = {**os.environ, **variables}
    try:
        process = subprocess.Popen(command, env=environment)  # noqa: S603 (the caller's own command)
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        return _NOT_FOUND
    with process:
        try:
            return _exit_code(process.wait())
        except KeyboardInterrupt:
            # A terminal has interrupted the command too; whoever has stopped this process alone means both.
            process.terminate()
            try:
                process.wait()
            except KeyboardInterrupt:
                process.kill()
            return _INTERRUPTED


def _exit_code(code: int) -> int:
    """As shells count: a command that a signal has ended has 128 more than the signal's number."""
    return code if code >= 0 else 128 - code


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
