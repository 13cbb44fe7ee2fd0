"""`kafka-compat serve --control`: the test double as a process of its own, driven over HTTP."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping

import kafka_compat
from kafka_compat.cli.process import StopSignals
from kafka_compat.cli.ready_file import drop_ready_file, write_ready_file
from kafka_compat.cli.streams import say
from kafka_compat.config.errors import BadSettings
from kafka_compat.config.listeners import join_address, parse_address
from kafka_compat.config.security_options import STANDARD_AUTHORIZER
from kafka_compat.config.settings import ServerSettings
from kafka_compat.config.sources import read_assignments, read_environment, read_properties
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import ClockName, Node
from kafka_compat.web.control.app import is_loopback
from kafka_compat.web.control.server import ControlServer
from kafka_compat.web.http_server import quiet

TOKEN_VARIABLE = "KAFKA_COMPAT_CONTROL_TOKEN"  # noqa: S105 (a name)

# What the settings have taken from them already.
_RESOLVED = frozenset(
    {
        "advertised.listeners",
        "authorizer.class.name",
        "auto.create.topics.enable",
        "broker.id",
        "controller.listener.names",
        "listener.security.protocol.map",
        "listeners",
        "log.dir",
        "log.dirs",
        "node.id",
        "process.roles",
        "super.users",
    }
)


def run_controlled(namespace: argparse.Namespace, settings: ServerSettings, signals: StopSignals) -> int:
    """Serve until a signal; the exit status.

    Raises:
        BadSettings: options that do not go together, or that the test double cannot follow.
        OSError: an address cannot be had.
    """
    quiet()
    host, port = _address(namespace.control)
    token = namespace.control_token or os.environ.get(TOKEN_VARIABLE) or None
    try:
        kafka = _kafka(namespace, settings)
        control = ControlServer(kafka, host, port, token=token)
    except (TypeError, ValueError) as error:
        raise BadSettings(str(error)) from None
    with kafka, control:
        say(_banner(kafka, control, settings), sys.stdout)
        if settings.ready_file is not None:
            write_ready_file(settings.ready_file, _ready(kafka, control, settings))
        try:
            asyncio.run(_until_stopped(signals))
        finally:
            if settings.ready_file is not None:
                drop_ready_file(settings.ready_file)
    return 0


async def _until_stopped(signals: StopSignals) -> None:
    await signals.attach(asyncio.get_running_loop()).wait()


def _address(text: str) -> tuple[str, int]:
    """Of `HOST:PORT`, or of a port on this machine alone."""
    return parse_address(f"127.0.0.1:{text}" if text.isdecimal() else text, "--control")


def _kafka(namespace: argparse.Namespace, settings: ServerSettings) -> Kafka:
    if namespace.http is not None:
        raise BadSettings("--http and --control exclude each other: metrics are of a broker, and tests may have several")
    (listener, *others) = settings.listeners
    is_plain = not listener.advertised_host or is_loopback(listener.advertised_host)
    if others or not is_loopback(listener.host) or not is_plain:
        raise BadSettings("with --control there is one listener, on 127.0.0.1 and not advertised elsewhere")
    count = 1 if namespace.brokers is None else namespace.brokers
    if count < 1:
        raise BadSettings(f"--brokers {count}: a number from 1")
    clock: ClockName = namespace.clock or "real"
    is_tls, users = listener.security_protocol.endswith("SSL"), settings.users
    if namespace.tls_cert is not None or namespace.tls_client_ca is not None:
        raise BadSettings(
            "--control has certificates of its own, and /v1/cluster says whom clients trust: leave --tls-cert out"
        )
    if listener.security_protocol.startswith("SASL_") and not users:
        raise BadSettings(f"--control: listener {listener.name} asks for a password, and there are no users; see --user-file")
    config = settings.broker_config
    has_rights = config.text("authorizer.class.name") == STANDARD_AUTHORIZER
    return Kafka(
        users=users or None,
        acls=() if has_rights else None,
        super_users=(config.text("super.users") or "").split(";") if has_rights and config.text("super.users") else None,
        tls=is_tls,
        brokers=[Node(id=settings.node_id + index, port=listener.port and listener.port + index) for index in range(count)],
        topics={topic.name: topic.partitions or config.num_partitions for topic in settings.topics},
        configs=_configs(namespace),
        clock=clock,
        data_dir=settings.data_dir if namespace.data_dir is not None else None,
        auto_create=config.auto_create_topics_enable,
    )


def _configs(namespace: argparse.Namespace) -> Mapping[str, str]:
    """What was set, without what a test's cluster sees to itself."""
    configs, _ = read_environment(os.environ)
    configs = dict(configs)
    if namespace.config is not None:
        configs.update(read_properties(namespace.config))
    configs.update(read_assignments(namespace.set or ()))
    return {name: value for name, value in configs.items() if name not in _RESOLVED}


def _banner(kafka: Kafka, control: ControlServer, settings: ServerSettings) -> str:
    return "\n".join(
        (
            f"kafka-compat {kafka_compat.__version__} is ready for tests: bootstrap.servers={kafka.bootstrap_servers}",
            f"  control    {control.url}, see /openapi.json",
            f"  data       {_data(kafka) or 'in memory, gone at the stop'}",
            f"  clock      {'manual' if kafka.clock.is_manual else 'real'}",
            f"  stop       Ctrl-C or kill {os.getpid()}",
        )
    )


def _data(kafka: Kafka) -> str | None:
    data_dir = kafka.options.data_dir
    return None if data_dir is None else str(data_dir.absolute())


def _ready(kafka: Kafka, control: ControlServer, settings: ServerSettings) -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "bootstrap": kafka.bootstrap_servers,
        "listeners": [
            {
                "name": settings.listeners[0].name,
                "host": broker.host,
                "port": broker.port,
                "advertised": join_address(broker.host, broker.port),
            }
            for broker in kafka.brokers.values()
        ],
        "data_dir": _data(kafka),
        "node_id": settings.node_id,
        "cluster_id": kafka.cluster.run(_cluster_id(kafka)),
        "http": None,
        "control": control.url,
    }


async def _cluster_id(kafka: Kafka) -> str:
    return kafka.cluster.state.controller.image.cluster_id
