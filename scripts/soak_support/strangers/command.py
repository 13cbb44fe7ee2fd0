"""The subcommand `hostile-unknown`."""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from joserfc.jwk import RSAKey

from scripts.soak_support.hostile_valid.batches import produce, small_batch
from scripts.soak_support.strangers.crowd import CASES
from scripts.soak_support.strangers.known import PASSWORD, USER, Place
from tests.support import bearer_tokens, certificates
from tests.support.brokers import OurBroker, settings_of, start_ours
from tests.support.processes import usage_of
from tests.support.wire_client import WireClient, create_topic

_MIB: Final = 1 << 20
_REPOSITORY_ROOT: Final = Path(__file__).resolve().parent.parent.parent.parent
_LISTENERS: Final = {name: name for name in ("SSL", "SASL_PLAINTEXT", "SASL_SSL")}
_SAMPLE_S: Final = 0.02
_CLIENTS: Final = ("produce", "fetch", "heartbeat", "large", "newcomer")
# What a case is compared with: what the clients wait for while the machine is as busy with something else.
_BASELINE: Final = "busy"


@dataclass
class Result:
    """What known clients noticed (milliseconds by client and figure), what the broker held (MiB), what is out of bounds."""

    name: str
    done: float
    waits: dict[str, dict[str, float]]
    rss: tuple[float, float, float]
    files: tuple[int, int]
    cpu: float
    out: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("--match", default="", help="only cases whose name this regular expression finds")
    parser.add_argument("--list", action="store_true", help="names and summaries; nothing is run")
    parser.add_argument("--seconds", type=float, default=5, help="of each case")
    parser.add_argument("--p99-ms", type=float, default=10, help="p99 of produce, fetch and heartbeat above the busy baseline")
    parser.add_argument("--wait-ms", type=float, default=250, help="their longest wait above that of the baseline")
    parser.add_argument("--grow-mib", type=float, default=100, help="growth of the broker's RSS under a crowd")
    parser.add_argument("--left-mib", type=float, default=30, help="growth once the crowd has gone")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="more configs of the broker")
    parser.add_argument("--json", type=Path, help="write the results here")


def run(arguments: argparse.Namespace) -> int:
    """Run what the options say; how many cases were out of bounds."""
    names = [name for name in CASES if name == _BASELINE or re.search(arguments.match, name)]
    if arguments.list:
        print("\n".join(f"{name}: {CASES[name].summary}" for name in names))
        return 0
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-strangers-"))
    tokens = _write_keys(directory)
    more = dict(setting.split("=", 1) for setting in arguments.set)
    results: list[Result] = []
    with start_ours(directory, *settings_of(_configs(directory) | more), listeners=_LISTENERS) as broker:
        place = Place(
            {"PLAINTEXT": broker.bootstrap} | {name: broker.bootstrap_of(name) for name in _LISTENERS},
            certificates.server().authority,
        )
        for topic in ("t", "f"):
            create_topic(broker.bootstrap, topic)
        with WireClient(broker.bootstrap) as client:
            client.send_bytes(produce("f", [small_batch()]))
            client.receive_frame()
        with _known(place) as known:
            _measure(known, 1)  # what is loaded on first use
            for name in names:
                results.append(_case(name, broker, place, tokens, known, arguments, results))
                print(_row(results[-1]), flush=True)
        errors = [line for line in broker.log_text().splitlines() if " ERROR " in line or line.startswith("Traceback")]
    out = sum(bool(result.out) for result in results)
    print(f"{len(results) - out} of {len(results)} within bounds, {len(errors)} errors in the log {errors[:3]}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(result) for result in results], indent=1))
    if not errors:
        shutil.rmtree(directory)
    return out + len(errors)


def _configs(directory: Path) -> dict[str, str]:
    return {
        **certificates.broker_configs(directory),
        **bearer_tokens.CONFIGS,
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        "sasl.oauthbearer.jwks.endpoint.url": (directory / "keys.json").as_uri(),
        "delegation.token.secret.key": "key of tokens",
        **{
            f"listener.name.{name}.plain.sasl.jaas.config": (
                f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
            )
            for name in ("sasl_plaintext", "sasl_ssl")
        },
        "log.retention.bytes": "100000000",
        "log.segment.bytes": "20000000",
    }


def _write_keys(directory: Path) -> dict[str, str]:
    """Write the broker's key set; tokens with signatures that are not those of its keys."""
    rsa = {**RSAKey.generate_key(4096).as_dict(private=False), "kid": "rsa-4096"}
    (directory / "keys.json").write_bytes(bearer_tokens.key_set(rsa, bearer_tokens.jwk_of("p384")))

    def forged(kid: str, algorithm: str, signature_bytes: int, padding: int = 0) -> str:
        payload = bearer_tokens.claims(padding="x" * padding)
        parts = ({"alg": algorithm, "kid": kid}, payload, b"\1" * signature_bytes)
        return ".".join(map(bearer_tokens.part, parts))

    return {
        "rsa": forged("rsa-4096", "RS256", 512),
        "ec": forged("p384", "ES384", 96),
        "long": forged("p384", "ES384", 96, 44_000),
    }


@contextlib.contextmanager
def _known(place: Place) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "scripts.soak_support.strangers.known", json.dumps(asdict(place))]
    process = subprocess.Popen(command, cwd=_REPOSITORY_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _measure(known: subprocess.Popen[str], seconds: float) -> dict[str, dict[str, float]]:
    assert known.stdin is not None
    assert known.stdout is not None
    known.stdin.write(f"{seconds}\n")
    known.stdin.flush()
    figures: dict[str, dict[str, float]] = json.loads(known.stdout.readline())
    return figures


@contextlib.contextmanager
def _highest_rss(pid: int) -> Iterator[list[float]]:
    highest = [0.0]
    is_over = threading.Event()

    def sample() -> None:
        while not is_over.wait(_SAMPLE_S):
            highest[0] = max(highest[0], usage_of(pid).rss_bytes / _MIB)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield highest
    finally:
        is_over.set()
        thread.join()


def _case(
    name: str,
    broker: OurBroker,
    place: Place,
    tokens: dict[str, str],
    known: subprocess.Popen[str],
    arguments: argparse.Namespace,
    before: list[Result],
) -> Result:
    at_first = usage_of(broker.pid)
    words = [name, json.dumps(asdict(place)), json.dumps(tokens)]
    crowd = subprocess.Popen(
        [sys.executable, "-m", "scripts.soak_support.strangers.crowd", *words],
        cwd=_REPOSITORY_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with _highest_rss(broker.pid) as highest:
            time.sleep(1.5)  # it loads what it needs
            began = usage_of(broker.pid).cpu_s
            waits = _measure(known, arguments.seconds)
            used = usage_of(broker.pid).cpu_s - began
        done = json.loads(crowd.communicate("")[0])["count"] / (arguments.seconds + 1.5)
    finally:
        crowd.kill()
        crowd.wait()
    deadline = time.monotonic() + 10  # the delay of the last failures, and the handshakes that were cut
    while usage_of(broker.pid).open_files > at_first.open_files + 5 and time.monotonic() < deadline:
        time.sleep(0.1)
    after = usage_of(broker.pid)
    rss = (at_first.rss_bytes / _MIB, highest[0], after.rss_bytes / _MIB)
    result = Result(name, done, waits, rss, (at_first.open_files, after.open_files), round(100 * used / arguments.seconds), [])
    baseline = next((one for one in before if one.name == _BASELINE), None)
    result.out = _exceeded(result, baseline, arguments)
    return result


def _exceeded(result: Result, baseline: Result | None, arguments: argparse.Namespace) -> list[str]:
    out = []
    usual = result.waits if baseline is None else baseline.waits
    for client in _CLIENTS[:3]:
        for figure, most in (("p99", arguments.p99_ms), ("max", arguments.wait_ms)):
            more = result.waits[client][figure] - usual[client][figure]
            if more > most:
                out.append(f"{client} {figure} +{more:.0f} ms")
    out += [f"{client} failed {result.waits[client]['failed']:.0f}" for client in _CLIENTS if result.waits[client]["failed"]]
    grown, left = result.rss[1] - result.rss[0], result.rss[2] - result.rss[0]
    if grown > arguments.grow_mib:
        out.append(f"RSS +{grown:.0f} MiB")
    if left > arguments.left_mib:
        out.append(f"RSS +{left:.0f} MiB afterwards")
    if result.files[1] > result.files[0] + 5:
        out.append(f"{result.files[1] - result.files[0]} descriptors afterwards")
    return out


def _row(result: Result) -> str:
    waits = " ".join(
        f"{client} {result.waits[client]['p50']:.1f}/{result.waits[client]['p99']:.0f}/{result.waits[client]['max']:.0f}"
        for client in _CLIENTS
    )
    rss = " -> ".join(f"{size:.0f}" for size in result.rss)
    verdict = f"OUT: {', '.join(result.out)}" if result.out else "ok"
    return (
        f"{result.name}: {result.done:,.0f}/s, broker {result.cpu:.0f} % CPU; p50/p99/max ms: {waits}; "
        f"own lag {result.waits['lag']['max']:.0f} ms; RSS {rss} MiB; {result.files[0]} -> {result.files[1]} files; {verdict}"
    )
