"""The subcommand `hostile-valid`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.soak_support.hostile_valid.catalogue import all_cases
from scripts.soak_support.hostile_valid.runner import Bounds, Brokers, as_json, run_cases, table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    usual = Bounds()
    parser.add_argument("--match", default="", help="only cases whose name this regular expression finds")
    parser.add_argument("--short", action="store_true", help="only the cases that the tests run")
    parser.add_argument("--list", action="store_true", help="names and summaries; nothing is run")
    parser.add_argument("--megabytes", default="3", help="sizes of wide frames, e.g. 3,30,100")
    parser.add_argument("--scale", type=float, default=1.0, help="share of every case's full size")
    parser.add_argument("--wait-ms", type=float, default=usual.wait_ms, help="longest wait of a connected client")
    parser.add_argument("--p99-ms", type=float, default=usual.p99_ms, help="99 %% of its waits")
    parser.add_argument("--newcomer-ms", type=float, default=usual.newcomer_ms, help="longest wait of a new client")
    parser.add_argument("--grow-mib", type=float, default=usual.grow_mib, help="growth of the broker's RSS")
    parser.add_argument("--answer-within", type=float, default=60, help="seconds until a case is given up")
    parser.add_argument("--only", choices=("ours", "reference"), default="ours", help="which broker")
    parser.add_argument("--beside-reference", action="store_true", help="then the same with Apache Kafka")
    parser.add_argument("--markdown", type=Path, help="write the table here too")
    parser.add_argument("--json", type=Path, help="write the results here")


def run(command: Callable[[], Sequence[str]], arguments: argparse.Namespace) -> int:
    """Run what the options say; how many cases of our broker were out of bounds. `command` gives what runs it."""
    megabytes = tuple(float(size) for size in arguments.megabytes.split(","))
    cases = [case for case in all_cases(megabytes) if re.search(arguments.match, case.name)]
    cases = [case for case in cases if case.short is not None or not arguments.short]
    if arguments.list:
        print("\n".join(f"{case.name}: {case.summary}" for case in cases))
        return 0
    bounds = Bounds(arguments.wait_ms, arguments.p99_ms, arguments.newcomer_ms, arguments.grow_mib)
    results = []
    for kind in [arguments.only, *(["reference"] if arguments.beside_reference and arguments.only == "ours" else [])]:
        brokers = Brokers(kind, command() if kind == "ours" else [])
        try:
            wanted = [case for case in cases if kind == "ours" or not case.memory]
            results += run_cases(wanted, brokers, bounds, answer_within_s=arguments.answer_within, scale=arguments.scale)
        finally:
            brokers.close()
    text = table(results, cases)
    print(text)
    if arguments.markdown:
        arguments.markdown.write_text(text + "\n")
    if arguments.json:
        arguments.json.write_text(as_json(results))
    return sum(bool(result.out) for result in results if result.broker == "ours")
