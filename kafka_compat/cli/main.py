"""The command `kafka-compat`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

import kafka_compat
from kafka_compat.cli.streams import discard, open_standard_streams, say

_DESCRIPTION = "A broker that speaks Apache Kafka's protocol, in one process and without Java."
# Each is a module beside this one, with `add_parser`.
_COMMANDS = {
    "serve": "run a broker",
    "log": "look into a broker's data",
    "protocol": "turn protocol messages into JSON and back",
    "user": "say who may come in by SCRAM, on a broker that runs",
}


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
    """The parser of all commands; of these only `command` has its options, as only its module is imported."""
    parser = argparse.ArgumentParser(prog="kafka-compat", description=_DESCRIPTION, epilog="Try: kafka-compat serve --help")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in _COMMANDS.items():
        if name == command:
            import_module(f"kafka_compat.cli.{name}").add_parser(subparsers, summary)
        else:
            subparsers.add_parser(name, help=summary)
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
