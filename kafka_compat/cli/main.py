"""The command `kafka-compat`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import kafka_compat
from kafka_compat.cli import serve
from kafka_compat.cli.process import discard, open_standard_streams, say

_DESCRIPTION = "A broker that speaks Apache Kafka's protocol, in one process and without Java."
_LOG_HELP = "look into a broker's data"
_PROTOCOL_HELP = "turn protocol messages into JSON and back"


def version_text() -> str:
    """The version and which form of the hot modules runs."""
    try:
        from kafka_compat import build_info
    except ImportError:
        return f"kafka-compat {kafka_compat.__version__}"
    return f"kafka-compat {kafka_compat.__version__} ({build_info.description()})"


class _Version(argparse.Action):
    """Prints the version; looked up only when it is asked for."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        print(version_text())
        parser.exit(0)


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser of all subcommands; those other than `command` may lack their own options.

    `protocol` and `log` import what a start of the broker need not wait for.
    """
    parser = argparse.ArgumentParser(prog="kafka-compat", description=_DESCRIPTION, epilog="Try: kafka-compat serve --help")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serve.add_parser(subparsers)
    if command == "log":
        from kafka_compat.cli import log

        log.add_parser(subparsers)
    else:
        subparsers.add_parser("log", help=_LOG_HELP)
    if command == "protocol":
        from kafka_compat.cli import protocol

        protocol.add_parser(subparsers)
    else:
        subparsers.add_parser("protocol", help=_PROTOCOL_HELP)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, by default the process's; the exit code.

    0 is success, 1 a broker that could not start or run, 2 options or configs that cannot be used.
    """
    open_standard_streams()
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except OSError as error:
        # Mostly of what is printed, to a full disk.
        discard(sys.stdout)
        say(f"kafka-compat: {error.filename or 'cannot write'}: {error.strerror or error}", sys.stderr)
        return 1
    return code


def _run(arguments: list[str]) -> int:
    command = next((argument for argument in arguments if not argument.startswith("-")), None)
    try:
        namespace = build_parser(command).parse_args(arguments)
    except SystemExit as stop:
        # argparse has said what there is to say.
        return stop.code if isinstance(stop.code, int) else 2
    code: int = namespace.run(namespace)
    return code


if __name__ == "__main__":
    sys.exit(main())
