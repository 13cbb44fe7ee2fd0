"""`kafka-compat log dump|verify`: look into the data of a broker, running or not, without changing it."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path
from typing import TextIO

from kafka_compat.cli.log_dump import MAX_OFFSET, Dump
from kafka_compat.cli.log_files import ReadOnlyFileSystem, Target, Unusable, find_logs
from kafka_compat.cli.log_progress import Progress, size_text
from kafka_compat.cli.log_verify import Report, Verification

_DESCRIPTION = """\
Look into the data directory of a broker. Nothing is ever written, so it is safe on the only copy and while the broker runs.

A data directory (serve --data-dir) has a directory per partition, such as orders-0. In it lie segments, files of record
batches named after their first offset: 00000000000000000000.log. Give any of the three."""
_DUMP_DESCRIPTION = """\
Print what is in a log: per partition its start offset, leader epochs and producers; per segment its batches; with --records
every record. Records of internal topics (__consumer_offsets, __cluster_metadata, ...) are decoded."""
_DUMP_EPILOG = """\
examples:
  kafka-compat log dump kafka-data/orders-0
  kafka-compat log dump kafka-data --topic orders --records --from 100 --to 120
  kafka-compat log dump kafka-data --topic __consumer_offsets --records

Times are UTC. Keys and values that are no text are printed in hexadecimal. Lines that begin with "!" tell what cannot be read.
The exit code is 0, 1 when something could not be read, 2 when the arguments cannot be used."""
_VERIFY_DESCRIPTION = """\
Read all logs and check them: batches whole and with the right checksum, offsets rising, segments without gaps, indexes and
snapshots in agreement with the batches; with --records also that every record can be read."""
_VERIFY_EPILOG = """\
examples:
  kafka-compat log verify kafka-data
  kafka-compat log verify kafka-data/orders-0 --records

A line that begins with DAMAGED is something a broker never leaves behind: a broken disk, a bad copy, a file changed by hand.
A line that begins with "note" is no damage, for instance a batch that was being written when the broker was killed.
The exit code is 0 without damage, 1 with, 2 when the arguments cannot be used."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], summary: str) -> None:
    """Add `log` to the command line, with `summary` beside it; `arguments.run(arguments)` gives the exit status."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = subparsers.add_parser("log", help=summary, description=_DESCRIPTION, formatter_class=plain)
    actions = parser.add_subparsers(dest="action", required=True, metavar="dump|verify")
    dump = actions.add_parser(
        "dump", help="print batches and records", description=_DUMP_DESCRIPTION, epilog=_DUMP_EPILOG, formatter_class=plain
    )
    verify = actions.add_parser(
        "verify", help="check for damage", description=_VERIFY_DESCRIPTION, epilog=_VERIFY_EPILOG, formatter_class=plain
    )
    for action in (dump, verify):
        action.add_argument("dir", type=Path, metavar="DIR", help="a data directory, the directory of one log, or a .log file")
        action.add_argument("--topic", action="append", metavar="NAME", help="only the logs of this topic; may be repeated")
    dump.add_argument("--records", action="store_true", help="print every record")
    dump.add_argument("--from", type=_offset, default=0, dest="first", metavar="OFFSET", help="leave out what lies below")
    dump.add_argument("--to", type=_offset, default=MAX_OFFSET, dest="last", metavar="OFFSET", help="the last offset to print")
    verify.add_argument("--records", action="store_true", help="also decompress and read every record (slow)")
    dump.set_defaults(run=run)
    verify.set_defaults(run=run)


def _offset(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no offset")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Dump or verify on the standard streams; the exit code."""
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")  # a topic's record may hold what the terminal cannot show
    filesystem = ReadOnlyFileSystem()
    try:
        try:
            target = find_logs(filesystem, arguments.dir, arguments.topic or ())
        except Unusable as error:
            return _fail(str(error))
        except OSError as error:
            return _fail(f"{error.filename or arguments.dir}: {error.strerror or error}")
        if target.user is not None:
            print(
                f"kafka-compat: {target.root} is in use by {target.user}; what it writes now may look unfinished",
                file=sys.stderr,
            )
        if arguments.action == "dump":
            return _dump(arguments, filesystem, target, out)
        return _verify(arguments, filesystem, target, out)
    except BrokenPipeError:
        # Whoever read it has seen enough. What is still buffered must not fail again at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _dump(arguments: argparse.Namespace, filesystem: ReadOnlyFileSystem, target: Target, out: TextIO) -> int:
    total = sum(log.size_in_bytes() for log in target.logs)
    progress = Progress(total, sys.stderr, shown=not out.isatty())
    dump = Dump(filesystem, out, progress, records=arguments.records, first_offset=arguments.first, last_offset=arguments.last)
    for log in target.logs:
        dump.log(log)
    progress.clear()
    out.flush()
    return int(dump.has_failed)


def _verify(arguments: argparse.Namespace, filesystem: ReadOnlyFileSystem, target: Target, out: TextIO) -> int:
    progress = Progress(sum(log.size_in_bytes() for log in target.logs), sys.stderr)
    report = Report(out, progress)
    in_use = target.user is not None
    verification = Verification(filesystem, report, progress, records=arguments.records, in_use=in_use)
    verification.data_directory(target)
    for log in target.logs:
        verification.log(log, has_journal=target.journal is not None)
    progress.clear()
    found = _count(report.problems, "problem") if report.problems else "no damage"
    if report.notes:
        found += f", {_count(report.notes, 'note')}"
    looked_at = (
        _count(len(target.logs), "log"),
        _count(report.segments, "segment"),
        f"{report.batches} batches",
        _count(report.records, "record"),
        size_text(report.size_in_bytes),
    )
    print(f"{', '.join(looked_at)}: {found}", file=out)
    out.flush()
    return int(report.problems > 0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _fail(message: str) -> int:
    print(f"kafka-compat: {message}", file=sys.stderr)
    return 2
