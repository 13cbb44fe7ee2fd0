"""The long forms of what tests/stress and tests/server do in small: figures to stdout, exit code 1 when something is wrong."""

from __future__ import annotations

import argparse
import contextlib
import resource
import shlex
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.reference_broker import ReferenceBroker
from scripts.soak_support import compaction, disk, fuzz, fuzz_sasl, groups, kill, plugin, transaction_ends, transactions
from scripts.soak_support.hostile_valid import command as hostile_valid
from scripts.soak_support.strangers import command as hostile_unknown
from tests.support import load
from tests.support.brokers import settings_of, start_ours
from tests.support.processes import ServeProcess, prepared_command, usage_of

_MEGA = 1_000_000
_MOST_DESCRIPTORS = 1200  # the store keeps 1024 open at most


def _rss_mb(broker: ServeProcess) -> float:
    return usage_of(broker.pid).rss_bytes / _MEGA


@contextlib.contextmanager
def _broker(command: Sequence[str], *arguments: str) -> Iterator[ServeProcess]:
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-soak-"))
    broker = ServeProcess(directory, command, arguments)
    try:
        broker.start()
        yield broker
        errors = [line for line in broker.log_text().splitlines() if " ERROR " in line or line.startswith("Traceback")]
        assert not errors, f"{len(errors)} errors in the log, the first: {errors[:3]}"
    except BaseException:
        print(f"the broker's files are kept in {directory}", file=sys.stderr)
        raise
    else:
        shutil.rmtree(directory)
    finally:
        broker.kill()


def _kill(command: Sequence[str], arguments: argparse.Namespace) -> None:
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-soak-"))
    report = kill.run(directory, command, arguments.rounds, arguments.seed)
    middle, worst = statistics.median(report.start_s), max(report.start_s)
    print(
        f"{report.rounds} kills, {report.acknowledged:,} records and {report.commits:,} offset commits acknowledged, "
        f"{len(report.failures)} failures"
    )
    print(f"start after a kill: median {middle:.2f} s, worst {worst:.2f} s")
    assert not report.failures, "\n".join([f"files are kept in {directory}", *report.failures[:20]])
    shutil.rmtree(directory)


def _groups(command: Sequence[str], arguments: argparse.Namespace) -> None:
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-soak-"))
    report = groups.run(
        directory,
        command,
        members=arguments.members,
        seconds=arguments.seconds,
        kill_every_s=arguments.kill_every,
        strategy=arguments.strategy,
        seed=arguments.seed,
    )
    print(
        f"{arguments.members} slots, {report.lives} lives, {report.kills} kills, {report.acknowledged:,} records acknowledged, "
        f"{report.deliveries:,} deliveries, {report.duplicates:,} of them again, "
        f"{report.commits_seen:,} committed offsets looked at, drained in {report.drained_s:.1f} s"
    )
    assert not report.failures, "\n".join([f"files are kept in {directory}", *report.failures[:20]])
    shutil.rmtree(directory)


def _compaction(command: Sequence[str], arguments: argparse.Namespace) -> None:
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-soak-"))
    report = compaction.run(directory, command, arguments.seconds, arguments.kill_every, arguments.seed)
    print(
        f"{report.kills} kills, {report.rounds} rounds; {report.acknowledged:,} records acknowledged "
        f"({report.bytes_written / _MEGA:.0f} MB), {report.records_left:,} left ({report.bytes_left / _MEGA:.0f} MB)"
    )
    assert not report.failures, "\n".join([f"files are kept in {directory}", *report.failures[:20]])
    shutil.rmtree(directory)


def _transactions(command: Sequence[str], arguments: argparse.Namespace) -> None:
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-soak-"))
    report = transactions.run(directory, command, arguments.seconds, arguments.kill_every, arguments.seed)
    ways = ", ".join(f"{count:,} {way}" for way, count in sorted(report.ways.items()))
    print(f"{report.kills} kills; transactions: {ways}; {report.read:,} records read")
    print(f"{report.moved:,} records moved in {report.moves:,} transactions of {report.lives} members")
    assert not report.failures, "\n".join([f"files are kept in {directory}", *report.failures[:20]])
    shutil.rmtree(directory)


def _transaction_ends(command: Sequence[str], arguments: argparse.Namespace) -> None:
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-soak-"))
    report = transaction_ends.run(directory, command, arguments.rounds, arguments.seed)
    reached = ", ".join(f"{count} {how_far}" for how_far, count in sorted(report.reached.items()))
    print(f"{report.rounds} kills; transactions as their clients saw them: {reached}; {report.whole} committed")
    assert not report.failures, "\n".join([f"files are kept in {directory}", *report.failures[:20]])
    shutil.rmtree(directory)


def _plugin(arguments: argparse.Namespace) -> int:
    with _directory() as directory:
        report = plugin.run(
            directory,
            rounds=arguments.rounds,
            workers=arguments.workers,
            seed=arguments.seed,
            python=arguments.python,
            compiled=arguments.compiled,
            progress=lambda line: print(line, flush=True),
        )
    print(
        f"{arguments.rounds} rounds of {report.tests} tests with {arguments.workers} workers: {len(report.failures)} "
        f"with a flake; a round takes {statistics.median(report.seconds):.1f} s, at most {max(report.seconds):.1f} s"
    )
    print(*report.failures, sep="\n\n")
    return 1 if report.failures else 0


def _compaction_latency(command: Sequence[str], arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="kafka-compat-soak-") as directory:
        report = compaction.measure(Path(directory), command, arguments.megabytes, arguments.keys)
    print(f"idle: p50 {report.idle_p50_ms:.2f} ms, p99 {report.idle_p99_ms:.2f} ms; RSS {report.rss_before_mb:.0f} MB")
    print(
        f"while {report.bytes_before / _MEGA:.0f} MB become {report.bytes_after / _MEGA:.0f} MB in {report.seconds:.1f} s: "
        f"p50 {report.cleaning_p50_ms:.2f} ms, p99 {report.cleaning_p99_ms:.2f} ms; RSS up to {report.rss_most_mb:.0f} MB"
    )


def _fuzz(command: Sequence[str], arguments: argparse.Namespace) -> None:
    with _broker(command, "--topic", "t:1") as broker:
        began = time.monotonic()
        seed = arguments.seed
        frames = 0
        fuzz.run(broker.bootstrap, arguments.frames, seed)  # what is loaded on first use is not growth
        before_mb = _rss_mb(broker)
        while time.monotonic() - began < arguments.seconds:
            seed += 1
            report = fuzz.run(broker.bootstrap, arguments.frames, seed)
            frames += report.frames
            load.is_alive(broker.bootstrap)
        print(f"{frames:,} frames over {report.pairs} versions of APIs, RSS {before_mb:.0f} -> {_rss_mb(broker):.0f} MB")


def _fuzz_sasl(_: Sequence[str], arguments: argparse.Namespace) -> None:
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-soak-"))
    with start_ours(directory, *settings_of(fuzz_sasl.CONFIGS), listeners=fuzz_sasl.LISTENERS) as broker:
        address = broker.bootstrap_of("SASL")
        began = time.monotonic()
        seed, frames, answered = arguments.seed, 0, 0
        fuzz_sasl.run(address, arguments.connections, seed)  # what is loaded on first use is not growth
        before_mb = usage_of(broker.pid).rss_bytes / _MEGA
        while time.monotonic() - began < arguments.seconds:
            seed += 1
            report = fuzz_sasl.run(address, arguments.connections, seed)
            frames += report.frames
            answered += report.answered
            load.is_alive(broker.bootstrap)
        after_mb = usage_of(broker.pid).rss_bytes / _MEGA
        print(f"{frames:,} frames, {answered:,} answered, RSS {before_mb:.0f} -> {after_mb:.0f} MB")
        errors = [line for line in broker.log_text().splitlines() if " ERROR " in line or line.startswith("Traceback")]
        assert not errors, f"{len(errors)} errors in the log of {directory}, the first: {errors[:3]}"
    shutil.rmtree(directory)


def _connections(command: Sequence[str], arguments: argparse.Namespace) -> None:
    with _broker(command) as broker:
        before = usage_of(broker.pid)
        with load.connections(broker.bootstrap, arguments.count) as clients:
            load.exchange(clients, load.api_versions_frame(), 1)
            idle = usage_of(broker.pid)
            time.sleep(2)
            waited_s = usage_of(broker.pid).cpu_s - idle.cpu_s
            per_client_kb = (idle.rss_bytes - before.rss_bytes) / arguments.count / 1000
            print(f"{arguments.count} idle connections: {per_client_kb:.1f} kB each, {waited_s / 2 * 100:.1f} % CPU")
            rate = load.exchange(clients, load.api_versions_frame(), arguments.each)
            latency_ms = load.is_alive(broker.bootstrap) * 1000
            print(f"all active: {rate:,.0f} requests/s; a newcomer is answered in {latency_ms:.1f} ms")
        print(f"RSS {before.rss_bytes / _MEGA:.0f} -> {idle.rss_bytes / _MEGA:.0f} -> {_rss_mb(broker):.0f} MB")


def _partitions(command: Sequence[str], arguments: argparse.Namespace) -> None:
    per_topic = 100
    with _broker(command) as broker:
        created = load.create_many(broker.bootstrap, arguments.count // per_topic, per_topic, arguments.per_request)
        usage = usage_of(broker.pid)
        print(f"created {arguments.count} partitions in {created.took_s:.1f} s; RSS {usage.rss_bytes / _MEGA:.0f} MB")
        took_s = load.produce_to(broker.bootstrap, created, arguments.count // 10)
        print(
            f"a record to {arguments.count // 10} partitions in {took_s:.2f} s; {usage_of(broker.pid).open_files} descriptors"
        )
        took_s = load.produce_to(broker.bootstrap, created, arguments.count)
        usage = usage_of(broker.pid)
        print(f"to all in {took_s:.1f} s; {usage.open_files} descriptors, RSS {usage.rss_bytes / _MEGA:.0f} MB")
        took_s = load.fetch_from(broker.bootstrap, created)
        usage = usage_of(broker.pid)
        print(f"read from all in {took_s:.1f} s; {usage.open_files} descriptors, RSS {usage.rss_bytes / _MEGA:.0f} MB")
        assert usage.open_files < _MOST_DESCRIPTORS, f"{usage.open_files} descriptors for {arguments.count} partitions"
        exit_code, took_s = broker.stop()
        print(f"stopped in {took_s:.1f} s with {exit_code}")
        print(f"clean start {broker.start():.1f} s, RSS {_rss_mb(broker):.0f} MB")
        load.produce_to(broker.bootstrap, created, arguments.count // 10)
        broker.kill()
        print(f"start after kill -9 {broker.start():.1f} s, RSS {_rss_mb(broker):.0f} MB")
        load.produce_to(broker.bootstrap, created, arguments.count)
        exit_code, took_s = broker.stop()
        print(f"stopped in {took_s:.1f} s with {exit_code}")
        broker.start()


def _hostile(command: Sequence[str], arguments: argparse.Namespace) -> None:
    with _broker(command, "--topic", "t:1") as broker:
        load.fill(broker.bootstrap, "t", 50)
        load.is_alive(broker.bootstrap)
        print(f"at first: RSS {_rss_mb(broker):.0f} MB")
        with load.connections(broker.bootstrap, 10) as clients:
            for client in clients:
                sent = load.ask_and_never_read(client, load.fetch_frame("t", 0, 0, 50 * _MEGA), 1)
            latency_ms = load.is_alive(broker.bootstrap) * 1000
            print(
                f"10 clients that never read ({sent} fetches of 50 MB each): RSS {_rss_mb(broker):.0f} MB, {latency_ms:.0f} ms"
            )
        for sent_bytes in (1000, 70_000):
            with load.connections(broker.bootstrap, arguments.count) as clients:
                load.half_frames(clients, sent_bytes)
                latency_ms = load.is_alive(broker.bootstrap) * 1000
                print(
                    f"{arguments.count} announce 100 MiB and send {sent_bytes} bytes: RSS {_rss_mb(broker):.0f} MB, "
                    f"{latency_ms:.0f} ms"
                )
            load.is_alive(broker.bootstrap)
            print(f"  gone again: RSS {_rss_mb(broker):.0f} MB")
        rate = load.pipelined(broker.bootstrap, load.api_versions_frame(), 10_000, 10_000)
        print(f"10,000 requests in one go: {rate:,.0f}/s, RSS {_rss_mb(broker):.0f} MB")


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-soak-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def _starts(command: Sequence[str], arguments: argparse.Namespace) -> None:
    with _directory() as directory:
        report = disk.starts(directory, command, arguments.partitions, arguments.megabytes, arguments.rounds)
    print(f"{arguments.megabytes:,} MB in {arguments.partitions} partitions, written in {report.filled_s:.0f} s")
    for what, seconds in (
        ("under full load", report.busy_s),
        ("idle", report.idle_s),
        ("idle, nothing in the page cache", report.cold_s),
    ):
        print(f"start after a kill {what}: median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s")


def _sizes(command: Sequence[str], arguments: argparse.Namespace) -> None:
    with _directory() as directory:
        small, large = disk.sizes(directory, command, arguments.small, arguments.large, arguments.count)
    for what, of_small, of_large in (
        ("append", small.append_ms, large.append_ms),
        ("tail fetch", small.fetch_ms, large.fetch_ms),
    ):
        print(f"{what}, {arguments.small:,} MB: {disk.figures(of_small)}")
        print(f"{what}, {arguments.large:,} MB: {disk.figures(of_large)}")
        print(f"  ratio of the medians {statistics.median(of_large) / statistics.median(of_small):.2f}")
    print(f"RSS {small.rss_mb:.1f} and {large.rss_mb:.1f} MB, ratio {large.rss_mb / small.rss_mb:.2f}")


def _cold(command: Sequence[str], arguments: argparse.Namespace) -> None:
    def measure(bootstrap: str, data_dir: Path) -> None:
        report = disk.cold_reads(bootstrap, data_dir, arguments.megabytes, arguments.rounds, arguments.rate)
        print(f"append alone: {disk.figures(report.alone.append_ms)}")
        for what, latencies, rates in (("cached", report.warm, report.warm_mb_s), ("cold", report.cold, report.cold_mb_s)):
            ratio = disk.quantile(latencies.append_ms, 0.99) / disk.quantile(report.alone.append_ms, 0.99)
            print(f"append beside a reader of {what} data at {statistics.median(rates):.0f} MB/s: ", end="")
            print(f"{disk.figures(latencies.append_ms)}; p99 is {ratio:.2f} of alone")

    with _broker(command) as broker:
        measure(broker.bootstrap, broker.data_dir)
    if arguments.beside_reference:
        with ReferenceBroker(heap="1g") as reference:
            print("Apache Kafka:")
            measure(reference.bootstrap, reference.data_dir / "log")


def _command(arguments: argparse.Namespace) -> Sequence[str]:
    return shlex.split(arguments.command) if arguments.command else prepared_command()


def _hostile_valid(arguments: argparse.Namespace) -> int:
    return 1 if hostile_valid.run(lambda: _command(arguments), arguments) else 0


def _hostile_unknown(arguments: argparse.Namespace) -> int:
    return 1 if hostile_unknown.run(arguments) else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--command", metavar="COMMAND", help="what runs kafka-compat (default: the install of scripts/serve)")
    parser.add_argument("--seed", type=int, default=1)
    subparsers = parser.add_subparsers(required=True)
    one = subparsers.add_parser("kill", help="kill -9 under load, again and again")
    one.add_argument("--rounds", type=int, default=50)
    one.set_defaults(run=_kill)
    one = subparsers.add_parser("groups", help="members of one group join and leave at random, with kills in between")
    one.add_argument("--members", type=int, default=20)
    one.add_argument("--seconds", type=float, default=300)
    one.add_argument("--kill-every", type=float, default=60, help="seconds; 0 never")
    one.add_argument("--strategy", default="range", help="partition.assignment.strategy, e.g. cooperative-sticky")
    one.set_defaults(run=_groups)
    one = subparsers.add_parser("compaction", help="a compacted topic under load and kills, checked record by record")
    one.add_argument("--seconds", type=float, default=300)
    one.add_argument("--kill-every", type=float, default=7, help="seconds; 0 never")
    one.set_defaults(run=_compaction)
    one = subparsers.add_parser("transactions", help="random transactions over plain and compacted topics, with kills")
    one.add_argument("--seconds", type=float, default=300)
    one.add_argument("--kill-every", type=float, default=10, help="seconds; 0 never")
    one.set_defaults(run=_transactions)
    one = subparsers.add_parser("transaction-ends", help="kill -9 in the middle of a transaction and its end, again and again")
    one.add_argument("--rounds", type=int, default=100)
    one.set_defaults(run=_transaction_ends)
    one = subparsers.add_parser("compaction-latency", help="what a producer notices of a large round")
    one.add_argument("--megabytes", type=int, default=500)
    one.add_argument("--keys", type=int, default=100_000)
    one.set_defaults(run=_compaction_latency)
    one = subparsers.add_parser("fuzz", help="bytes that are no request")
    one.add_argument("--seconds", type=float, default=300)
    one.add_argument("--frames", type=int, default=100, help="per API and version in one pass")
    one.set_defaults(run=_fuzz)
    one = subparsers.add_parser("fuzz-sasl", help="bytes before authentication")
    one.add_argument("--seconds", type=float, default=300)
    one.add_argument("--connections", type=int, default=500, help="in one pass")
    one.set_defaults(run=_fuzz_sasl)
    one = subparsers.add_parser("connections", help="many connections, idle and active")
    one.add_argument("--count", type=int, default=1000)
    one.add_argument("--each", type=int, default=50, help="requests per connection")
    one.set_defaults(run=_connections)
    one = subparsers.add_parser("partitions", help="many partitions: creating, starting, memory, descriptors")
    one.add_argument("--count", type=int, default=10_000)
    one.add_argument("--per-request", type=int, default=20, help="topics of 100 partitions in one CreateTopics")
    one.set_defaults(run=_partitions)
    one = subparsers.add_parser("hostile", help="clients that never read, announce and do not send, send all at once")
    one.add_argument("--count", type=int, default=1000)
    one.set_defaults(run=_hostile)
    one = subparsers.add_parser("starts", help="start after a kill with large logs")
    one.add_argument("--partitions", type=int, default=200)
    one.add_argument("--megabytes", type=int, default=10_000)
    one.add_argument("--rounds", type=int, default=3)
    one.set_defaults(run=_starts)
    one = subparsers.add_parser("sizes", help="latency and memory with a small and a large log")
    one.add_argument("--small", type=int, default=10, help="megabytes")
    one.add_argument("--large", type=int, default=20_000, help="megabytes")
    one.add_argument("--count", type=int, default=10_000, help="requests")
    one.set_defaults(run=_sizes)
    one = subparsers.add_parser("cold", help="a producer beside a reader of a large log that is not in the page cache")
    one.add_argument("--megabytes", type=int, default=4000)
    one.add_argument("--rounds", type=int, default=3)
    one.add_argument("--rate", type=int, default=200, help="of the reader in MB/s; 0: as fast as it can")
    one.add_argument("--beside-reference", action="store_true", help="then the same with Apache Kafka")
    one.set_defaults(run=_cold)
    one = subparsers.add_parser("hostile-valid", help="valid requests that cost much: what other clients notice of each")
    hostile_valid.add_arguments(one)
    one.set_defaults(run=_hostile_valid)
    one = subparsers.add_parser("hostile-unknown", help="a crowd without credentials: what clients that have some notice of it")
    hostile_unknown.add_arguments(one)
    one.set_defaults(run=_hostile_unknown)
    one = subparsers.add_parser("plugin", help="tests of a project that uses the pytest plugin, from the wheel")
    one.add_argument("--rounds", type=int, default=50)
    one.add_argument("--workers", type=int, default=4)
    one.add_argument("--python", default=sys.executable, help="of the project's environment (default: this one)")
    one.add_argument("--compiled", action="store_true", help="with the hot modules compiled")
    one.set_defaults(run=_plugin)
    arguments = parser.parse_args()
    wanted = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    if arguments.run is _hostile_valid:
        return int(_hostile_valid(arguments))
    if arguments.run is _hostile_unknown:
        return int(_hostile_unknown(arguments))
    if arguments.run is _plugin:
        return int(_plugin(arguments))
    arguments.run(_command(arguments), arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
