"""`kafka-compat serve`: options, the ready file and what a person reads; the broker itself is `server.broker`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import kafka_compat
from kafka_compat.cli.process import LineFormatter, LogHandler, StopSignals, share_the_interpreter
from kafka_compat.cli.ready_file import drop_ready_file, partial_of, write_ready_file
from kafka_compat.cli.streams import say
from kafka_compat.config.errors import BadSettings
from kafka_compat.config.listeners import join_address, parse_address
from kafka_compat.config.settings import ServeOptions, ServerSettings, resolve_settings

if TYPE_CHECKING:
    from kafka_compat.server.broker import Broker
    from kafka_compat.web.broker_http import BrokerHttp

logger = logging.getLogger(__name__)

_LOG_LEVELS = ("debug", "info", "warning", "error")
_EPILOG = """\
examples:
  kafka-compat serve
      listen on localhost:9092 and keep the data in ./kafka-data
  kafka-compat serve --memory --topic orders:3 --topic payments
      nothing on disk, two topics to begin with
  kafka-compat serve --listen '*:9092' --advertise broker.example.org:9092
      listen on all interfaces; clients are told where they reach it
  kafka-compat serve --listen localhost:0 --ready-file ready.json
      any free port; ready.json says which, once clients can connect
  kafka-compat serve --http localhost:9644
      metrics for Prometheus at /metrics, and /health/live and /health/ready
  kafka-compat serve --control 9645 --clock manual
      a Kafka for tests in any language, driven over HTTP; http://localhost:9645/ says how
  kafka-compat serve --listen 'SASL_SSL://*:9093' --tls-cert broker.pem --user-file users.txt --super-user admin
      TLS and passwords; users may do what access control lists allow them, admin everything
  kafka-compat serve --config server.properties --set log.retention.ms=3600000
      Kafka's own file, with one config overridden

Configs are those of Apache Kafka's server.properties. A flag wins over --set, --set over the --config file, the file over
the environment (KAFKA_LOG_RETENTION_MS or else KAFKA_CFG_LOG_RETENTION_MS sets log.retention.ms), and that over the defaults.
Stop it with Ctrl-C, SIGTERM or SIGHUP; a second Ctrl-C or SIGTERM ends it at once.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], summary: str) -> None:
    """Add `serve` to the command line, with `summary` beside it; `arguments.run(arguments)` gives the exit status."""
    parser = subparsers.add_parser(
        "serve",
        help=summary,
        description="Run a broker until it is stopped.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--listen",
        action="append",
        metavar="[PROTOCOL://]HOST:PORT",
        help="listen here; * is all interfaces, port 0 a free one; PROTOCOL is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; may "
        "be repeated (default: localhost:9092)",
    )
    add(
        "--advertise",
        action="append",
        metavar="HOST:PORT",
        help="the address clients are told; repeated, it goes with the listeners in order (default: the listener's, for all "
        "interfaces this machine's name)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data-dir", type=Path, metavar="DIR", help="where the data lies (default: ./kafka-data)")
    where.add_argument("--memory", action="store_true", help="keep all data in memory; it is gone when the broker stops")
    add("--node-id", type=int, metavar="N", help="the id of this broker (default: 1)")
    add(
        "--topic",
        action="append",
        metavar="NAME[:PARTITIONS]",
        help="a topic to make if it is missing; may be repeated",
    )
    add("--set", action="append", metavar="NAME=VALUE", help="set a broker config; may be repeated")
    add("--config", type=Path, metavar="FILE", help="read configs from a Java properties file such as server.properties")
    add(
        "--ready-file",
        type=Path,
        metavar="PATH",
        help="a JSON file written once clients can connect and removed at the stop",
    )
    add(
        "--http",
        metavar="HOST:PORT",
        help="serve metrics and health there over HTTP, to whoever asks; port 0 a free one (needs the extra `http`)",
    )
    security = parser.add_argument_group("security", "who is let in, how, and to do what; see the README")
    security.add_argument(
        "--tls-cert",
        type=Path,
        metavar="FILE",
        help="the certificate with its chain, in PEM, and with its key unless --tls-key",
    )
    security.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, in PEM")
    security.add_argument(
        "--tls-client-ca", type=Path, metavar="FILE", help="let in only clients whose certificate one of these has signed (PEM)"
    )
    security.add_argument(
        "--user-file",
        type=Path,
        metavar="FILE",
        help="users, let in by PLAIN and SCRAM: a line of NAME:PASSWORD for each",
    )
    security.add_argument(
        "--user",
        action="append",
        metavar="NAME:PASSWORD",
        help="one of them; shown to whoever lists processes; may be repeated",
    )
    security.add_argument(
        "--super-user",
        action="append",
        metavar="NAME",
        help="may do everything; all others only what access control lists allow; may be repeated",
    )
    security.add_argument(
        "--add-scram",
        action="append",
        metavar="MECHANISM=[name=NAME,password=PASSWORD]",
        help="a user who is let in by SCRAM, unless he is there already; as of kafka-storage format; may be repeated",
    )
    control = parser.add_argument_group(
        "control plane", "for tests: in place of a broker of its own kind a test double runs, as in kafka_compat.testing"
    )
    control.add_argument(
        "--control",
        metavar="[HOST:]PORT",
        help="let tests in any language drive it over HTTP; port 0 a free one (needs the extra `http`)",
    )
    control.add_argument(
        "--control-token",
        metavar="TOKEN",
        help="that requests have to carry; needed unless HOST is this machine (default: $KAFKA_COMPAT_CONTROL_TOKEN)",
    )
    control.add_argument("--brokers", type=int, metavar="N", help="how many brokers, with ports that follow each other")
    control.add_argument("--clock", choices=("real", "manual"), help="manual: time stands still until it is advanced")
    add("--log-level", choices=_LOG_LEVELS, default="info", help="how much is logged to stderr (default: info)")
    parser.set_defaults(run=run)


def options_of(namespace: argparse.Namespace) -> ServeOptions:
    """The options as the config layer takes them."""
    return ServeOptions(
        listen=tuple(namespace.listen or ()),
        advertise=tuple(namespace.advertise or ()),
        data_dir=namespace.data_dir,
        memory=namespace.memory,
        node_id=namespace.node_id,
        topics=tuple(namespace.topic or ()),
        set=tuple(namespace.set or ()),
        config=namespace.config,
        ready_file=namespace.ready_file,
        tls_cert=namespace.tls_cert,
        tls_key=namespace.tls_key,
        tls_client_ca=namespace.tls_client_ca,
        users=tuple(namespace.user or ()),
        user_file=namespace.user_file,
        super_users=tuple(namespace.super_user or ()),
        add_scram=tuple(namespace.add_scram or ()),
    )


def run(namespace: argparse.Namespace) -> int:
    """Serve until a signal; the exit code."""
    with StopSignals() as signals:
        _set_up_logging(namespace.log_level)
        try:
            settings = resolve_settings(options_of(namespace), os.environ, _host_name)
            http = None if namespace.http is None else parse_address(namespace.http, "--http")
            _check_control(namespace)
            _check_scram(namespace)
        except BadSettings as error:
            return _fail(str(error), 2)
        for warning in settings.warnings:
            logger.warning("%s", warning)
        try:
            settings = _with_descriptors(settings)
            if namespace.control is None:
                _prepare_files(settings)
            else:
                return _run_controlled(namespace, settings, signals)
            if http is not None:
                _require_http("--http")
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                return runner.run(_serve(settings, signals, http))
        except OSError as error:
            return _fail(_os_error(error), 1)
        except MemoryError:
            return _fail("there is not enough memory (ulimit -v)", 1)
        except _CannotStart as error:
            return _fail(str(error), 1)
        except BadSettings as error:
            return _fail(str(error), 2)


def _check_control(namespace: argparse.Namespace) -> None:
    for name in ("control_token", "brokers", "clock"):
        if getattr(namespace, name) is not None and namespace.control is None:
            raise BadSettings(f"--{name.replace('_', '-')} goes with --control")


def _check_scram(namespace: argparse.Namespace) -> None:
    if not namespace.add_scram:
        return
    if namespace.control is not None:
        raise BadSettings("--add-scram is not for --control, which has users by --user-file")
    from kafka_compat.security.sasl.scram_arguments import parse_scram_argument

    try:
        for argument in namespace.add_scram:
            parse_scram_argument(argument)
    except ValueError as error:
        raise BadSettings(f"--add-scram: {error}") from None


def _run_controlled(namespace: argparse.Namespace, settings: ServerSettings, signals: StopSignals) -> int:
    _require_http("--control")
    _check_ready_file(settings.ready_file)
    from kafka_compat.cli.serve_control import run_controlled

    return run_controlled(namespace, settings, signals)


def _set_up_logging(level: str) -> None:
    handler = LogHandler(encoding=sys.stderr.encoding or "utf-8")
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])


def _host_name() -> str:
    """What this machine calls itself, as Java's `InetAddress.getLocalHost().getCanonicalHostName()`."""
    return socket.getfqdn(socket.gethostname())


def _with_descriptors(settings: ServerSettings) -> ServerSettings:
    """Have as many open files as the process may, and share them out."""
    from kafka_compat.filesystem.descriptors import MIN_LIMIT, raise_open_limit, shares
    from kafka_compat.filesystem.region import allow_regions

    limit = raise_open_limit()
    if limit < MIN_LIMIT:
        raise _CannotStart(f"only {limit} files may be open (ulimit -n), a broker needs {MIN_LIMIT} or more")
    share = shares(limit)
    allow_regions(share.regions)
    return settings._replace(connection_places=share.connections)


class _CannotStart(Exception):
    """The broker does not start; the text is one line for a person."""


def _fail(message: str, code: int) -> int:
    say(f"kafka-compat: {message}", sys.stderr)
    return code


def _os_error(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _prepare_files(settings: ServerSettings) -> None:
    """Make the data directory, so that what is wrong with it is said in one line, and drop a ready file left behind."""
    data_dir = settings.data_dir
    if data_dir is not None:
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise _CannotStart(f"data directory {data_dir}: not a directory") from None
        except OSError as error:
            raise _CannotStart(f"data directory {data_dir}: {error.strerror}") from None
        if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
            raise _CannotStart(f"data directory {data_dir}: Permission denied")
    _check_ready_file(settings.ready_file)


def _check_ready_file(ready_file: Path | None) -> None:
    if ready_file is not None:
        if not ready_file.parent.is_dir() or ready_file.is_dir():
            raise _CannotStart(f"--ready-file {ready_file}: not a path where a file can be made")
        try:
            # Said now, and not when the broker serves already.
            partial_of(ready_file).touch()
            partial_of(ready_file).unlink()
            ready_file.unlink(missing_ok=True)
        except OSError as error:
            raise _CannotStart(f"--ready-file {ready_file}: {error.strerror}") from None


async def _serve(settings: ServerSettings, signals: StopSignals, http_address: tuple[str, int] | None) -> int:
    # Imported here: options are checked, and help is shown, without the broker.
    from kafka_compat.server.broker import Broker

    broker = Broker(settings)
    # Before the broker: who looks at its health wants to know that it recovers.
    http = None if http_address is None else await _start_http(broker, *http_address)
    stopping = signals.attach(asyncio.get_running_loop())
    start = asyncio.ensure_future(_start(broker, settings))
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((start, stop), return_when=asyncio.FIRST_COMPLETED)
        if not start.done():
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            return 0
        start.result()
        if (lonely := _lets_nobody_in(broker, settings)) is not None:
            logger.warning("%s", lonely)
        share_the_interpreter()
        advertised = _advertised(broker, settings)
        # Nobody need be reading.
        if (problem := say(_banner(broker, settings, advertised, http), sys.stdout)) is not None:
            logger.warning("cannot write to stdout: %s", problem)
        if settings.ready_file is not None:
            write_ready_file(settings.ready_file, _ready(broker, settings, advertised, http))
        await stop
        logger.info("Stopping")
        return 0
    finally:
        stop.cancel()
        if settings.ready_file is not None:
            drop_ready_file(settings.ready_file)
        if http is None:
            await broker.stop()
        else:
            await asyncio.gather(broker.stop(), http.stop())


def _require_http(option: str) -> None:
    from kafka_compat.web.extra import MissingExtra, require

    try:
        require(option)
    except MissingExtra as error:
        raise _CannotStart(str(error)) from None


async def _start_http(broker: Broker, host: str, port: int) -> BrokerHttp:
    from kafka_compat.web.broker_http import BrokerHttp
    from kafka_compat.web.http_server import quiet

    quiet()
    http = BrokerHttp(broker)
    try:
        await http.start(host, port)
    except OSError as error:
        raise _CannotStart(f"--http: {_cannot_listen(host, port, error)}") from error
    return http


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else (error.strerror or str(error))
    return f"cannot listen on {join_address(host, port)}: {reason}"


async def _start(broker: Broker, settings: ServerSettings) -> None:
    from kafka_compat.config.errors import BadSettings, InvalidConfig
    from kafka_compat.filesystem.interface import DirectoryInUse
    from kafka_compat.protocol.errors import KafkaError
    from kafka_compat.storage.interface import Refused, StorageError

    try:
        await broker.start()
    except (DirectoryInUse, Refused, BadSettings, InvalidConfig) as error:
        raise _CannotStart(str(error)) from error
    except StorageError as error:
        raise _CannotStart(f"data directory {settings.data_dir}: {error}") from error
    except KafkaError as error:
        raise _CannotStart(f"the topics of --topic cannot be made: {error}") from error
    except OSError as error:
        if error.filename is not None:
            raise
        # Listeners are bound in order, so the first one without an address is the one that failed.
        listener = settings.listeners[min(len(broker.addresses), len(settings.listeners) - 1)]
        raise _CannotStart(_cannot_listen(listener.host, listener.port, error)) from error


def _advertised(broker: Broker, settings: ServerSettings) -> list[str | None]:
    """The address that clients of each listener are told, None for a listener that is not advertised."""
    return [
        join_address(listener.advertised_host, listener.advertised_port or port) if listener.is_advertised else None
        for listener, (_, port) in zip(settings.listeners, broker.addresses, strict=True)
    ]


def _lets_nobody_in(broker: Broker, settings: ServerSettings) -> str | None:
    """What to say of listeners whose users there are none of, None when somebody can come in."""
    names = [each.name for each in settings.listeners if each.security_protocol.startswith("SASL_")]
    configs = settings.broker_config
    if not names or settings.users or settings.add_scram or broker.services is None or broker.services.image.scram_credentials:
        return None
    mechanisms = [
        f"{listener}{mechanism}.sasl.jaas.config"
        for listener in (f"listener.name.{name.lower()}." for name in names)
        for mechanism in ("plain", "oauthbearer")
    ]
    if any(configs.text(name) is not None for name in mechanisms):
        return None
    return (
        f"nobody can come in by {', '.join(names)} yet: there are no users; have some by --user-file, or by SCRAM, and not by "
        "PLAIN, with kafka-compat user add"
    )


def _banner(broker: Broker, settings: ServerSettings, advertised: list[str | None], http: BrokerHttp | None) -> str:
    data = "in memory, gone at the stop" if settings.data_dir is None else str(settings.data_dir.absolute())
    bound = ", ".join(join_address(host, port) for host, port in broker.addresses)
    return "\n".join(
        (
            f"kafka-compat {kafka_compat.__version__} is ready: bootstrap.servers={_bootstrap(advertised)}",
            f"  listening  {bound}",
            f"  data       {data}",
            f"  node       {settings.node_id}, cluster {broker.cluster_id}",
            *(() if http is None else (f"  http       {http.url}/metrics, /health/live, /health/ready",)),
            f"  stop       Ctrl-C or kill {os.getpid()}",
        )
    )


def _bootstrap(advertised: list[str | None]) -> str:
    """What clients put into bootstrap.servers."""
    return ",".join(filter(None, advertised))


def _ready(
    broker: Broker, settings: ServerSettings, advertised: list[str | None], http: BrokerHttp | None
) -> dict[str, object]:
    """What the ready file says."""
    return {
        "pid": os.getpid(),
        "bootstrap": _bootstrap(advertised),
        "listeners": [
            {
                "name": listener.name,
                "host": host,
                "port": port,
                "advertised": address,
            }
            for listener, (host, port), address in zip(settings.listeners, broker.addresses, advertised, strict=True)
        ],
        "data_dir": None if settings.data_dir is None else str(settings.data_dir.absolute()),
        "node_id": settings.node_id,
        "cluster_id": broker.cluster_id,
        "http": None if http is None else http.url,
        "control": None,
    }
