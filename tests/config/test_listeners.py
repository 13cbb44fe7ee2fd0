"""Listeners: which forms are taken, what is advertised, and what is refused; tests/conformance/test_listeners.py asks Kafka."""

from __future__ import annotations

import pytest

from kafka_compat.config.errors import BadSettings
from kafka_compat.config.listeners import Listener
from kafka_compat.config.settings import ServeOptions, ServerSettings, resolve_settings
from tests.support.listener_cases import ONE, REFUSALS, Refusal, configs_of


def resolve(configs: dict[str, str]) -> ServerSettings:
    options = ServeOptions(memory=True, set=tuple(f"{name}={value}" for name, value in configs.items()))
    return resolve_settings(options, host_name=lambda: "machine")


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: ";".join(map(str, case.configs.values())))
def test_what_is_refused(case: Refusal) -> None:
    with pytest.raises(BadSettings) as refused:
        resolve(configs_of(case.configs, p=9092, q=9094, c=9093))
    assert case.said.format(p=9092, q=9094, c=9093) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("listeners", "host", "told"),
    [
        ("PLAINTEXT://:9092", "", "machine"),
        ("PLAINTEXT://[::]:9092", "::", "::"),
        ("PLAINTEXT://[::1]:9092", "::1", "::1"),
        ("PLAINTEXT://::1:9092", "::1", "::1"),
        ("PLAINTEXT://[::1:9092", "::1", "::1"),
        ("PLAINTEXT://[127.0.0.1]:9092", "127.0.0.1", "127.0.0.1"),
        ("PLAINTEXT://[::ffff:127.0.0.1]:9092", "::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        ("PLAINTEXT://[fe80::1%eth0]:9092", "fe80::1%eth0", "fe80::1%eth0"),
        ("PLAINTEXT://LocalHost:9092", "LocalHost", "LocalHost"),
        ("plaintext://host_under:9092", "host_under", "host_under"),
        (" PLAINTEXT://0:9092 ", "0", "0"),
    ],
)
def test_forms_of_an_address(listeners: str, host: str, told: str) -> None:
    assert resolve({"listeners": listeners}).listeners == (Listener("PLAINTEXT", host, 9092, told, 9092),)


@pytest.mark.parametrize(
    ("advertised", "told"),
    [
        ("PLAINTEXT://:1", ("machine", 1)),
        ("plaintext://h_1:0", ("h_1", 0)),
        ("PLAINTEXT://[::]:1", ("::", 1)),
        ("PLAINTEXT://h:1,CONTROLLER://h:2", ("h", 1)),
    ],
)
def test_what_is_advertised(advertised: str, told: tuple[str, int]) -> None:
    configs = configs_of({"listeners": ONE, "advertised.listeners": advertised}, p=9092, q=0, c=0)
    assert resolve(configs).listeners == (Listener("PLAINTEXT", "127.0.0.1", 9092, *told),)


def test_a_listener_that_is_not_advertised() -> None:
    listeners = f"{ONE},B://127.0.0.1:{{q}}"
    configs = configs_of({"listeners": listeners, "advertised.listeners": "PLAINTEXT://h:1"}, p=9092, q=9094, c=0)
    assert resolve(configs).listeners == (
        Listener("PLAINTEXT", "127.0.0.1", 9092, "h", 1),
        Listener("B", "127.0.0.1", 9094, "", 0, is_advertised=False),
    )


def test_names_and_protocols_in_any_case() -> None:
    configs = {
        "listeners": "a-1.x_y+ z://h:1",
        "listener.security.protocol.map": "A-1.X_Y+ Z:plaintext",
        "inter.broker.listener.name": "a-1.X_y+ z",
    }
    assert resolve(configs).listeners == (Listener("A-1.X_Y+ Z", "h", 1, "h", 1),)


def test_ipv4_and_ipv6_may_share_a_port() -> None:
    configs = configs_of({"listeners": f"{ONE},B://[::1]:{{p}}"}, p=9092, q=0, c=0)
    assert [listener.host for listener in resolve(configs).listeners] == ["127.0.0.1", "::1"]


def test_controllers_need_no_protocol_without_a_map() -> None:
    configs = {"listeners": "PLAINTEXT://h:1,C1://h:2,C2://h:3", "controller.listener.names": "C1,c2"}
    assert resolve(configs).listeners == (Listener("PLAINTEXT", "h", 1, "h", 1),)


def by_flags(*listen: str, advertise: tuple[str, ...] = ()) -> ServerSettings:
    return resolve_settings(ServeOptions(memory=True, listen=listen, advertise=advertise), host_name=lambda: "machine")


@pytest.mark.parametrize(
    ("listen", "host", "config"),
    [
        ("*:9092", "", "PLAINTEXT://:9092"),
        (":9092", "", "PLAINTEXT://:9092"),
        ("0.0.0.0:9092", "0.0.0.0", "PLAINTEXT://0.0.0.0:9092"),
        ("[::]:9092", "::", "PLAINTEXT://[::]:9092"),
    ],
)
def test_the_flag_for_all_interfaces_advertises_the_machine(listen: str, host: str, config: str) -> None:
    settings = by_flags(listen)
    assert settings.listeners == (Listener("PLAINTEXT", host, 9092, "machine", 9092),)
    assert settings.broker_config.static["listeners"] == config
    assert settings.broker_config.static["advertised.listeners"] == "PLAINTEXT://machine:9092"
    assert by_flags(listen, advertise=("h:1",)).listeners == (Listener("PLAINTEXT", host, 9092, "h", 1),)


def test_the_flag_for_one_address_advertises_it() -> None:
    assert by_flags("[::1]:0").listeners == (Listener("PLAINTEXT", "::1", 0, "::1", 0),)
    assert "advertised.listeners" not in by_flags("[::1]:0").broker_config.static


@pytest.mark.parametrize("address", ["*:1", ":1", "0.0.0.0:1", "[::]:1"])
def test_all_interfaces_cannot_be_advertised(address: str) -> None:
    with pytest.raises(BadSettings, match="clients are told one address, not all interfaces"):
        by_flags("*:9092", advertise=(address,))


@pytest.mark.parametrize("address", ["a b:1", "a/b:1", "ü:1", "*x:1", "h:-1", "h:65536", "h:" + "9" * 5000, "[::1", "[]:1"])
def test_no_addresses(address: str) -> None:
    for options in (ServeOptions(memory=True, listen=(address,)), ServeOptions(memory=True, advertise=(address,))):
        with pytest.raises(BadSettings, match="expected HOST:PORT, such as"):
            resolve_settings(options)


def test_two_flags_for_one_port() -> None:
    with pytest.raises(BadSettings, match="one needs to be IPv4 and the other IPv6"):
        by_flags("127.0.0.1:1", "127.0.0.1:1")
