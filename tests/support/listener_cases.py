"""Configurations of listeners that a start refuses, here and by the reference, and what is said.

{p}, {q} and {c} are ports of the machine that runs them; {c} is the controller's, which only the reference opens.
"""

from __future__ import annotations

from typing import Final, NamedTuple

CONTROLLER: Final = "CONTROLLER://127.0.0.1:{c}"
PROTOCOLS: Final = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,A:PLAINTEXT,B:PLAINTEXT"


class Refusal(NamedTuple):
    """What is in `configs` is refused.

    Attributes:
        configs: over a `listeners` of one PLAINTEXT and one CONTROLLER; None takes a config away.
        said: in our message.
        reference: in the reference's output; the same when it is empty.
    """

    configs: dict[str, str | None]
    said: str
    reference: str = ""


def of(listeners: str, said: str, reference: str = "", **more: str | None) -> Refusal:
    """With the controller's listener behind; `advertised_listeners` stands for advertised.listeners and so on."""
    configs = {name.replace("_", "."): value for name, value in more.items()}
    return Refusal({"listeners": f"{listeners},{CONTROLLER}", **configs}, said, reference)


ONE: Final = "PLAINTEXT://127.0.0.1:{p}"
NOT_PARSED: Final = "to a broker endpoint"
TWO_ON_A_PORT: Final = "If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, listeners: ["
DIFFERENT_PORT: Final = (
    "Each listener must have a different port unless exactly one listener has an IPv4 address and the other IPv6 address, "
)
INTER_BROKER: Final = "inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid options "
META_ADDRESS: Final = "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address."

REFUSALS: Final = (
    # addresses
    of("PLAINTEXT://*:{p}", NOT_PARSED),
    of("PLAINTEXT://127.0.0.1", NOT_PARSED),
    of("PLAINTEXT:///127.0.0.1:{p}", NOT_PARSED),
    of("PLAINTEXT://a b:{p}", NOT_PARSED),
    of("127.0.0.1:{p}", NOT_PARSED),
    of("://127.0.0.1:{p}", "The provided listener name is null or empty string"),
    of("PLAINTEXT://127.0.0.1:-1", "a port is a number from 0 to 65535", "Cannot serialize negative port number -1"),
    of("PLAINTEXT://127.0.0.1:70000", "a port is a number from 0 to 65535", "Cannot serialize invalid port number 70000"),
    of("PLAINTEXT://127.0.0.1:99999999999", "a port is a number from 0 to 65535", 'For input string: "99999999999"'),
    Refusal({"listeners": ""}, "Configuration 'listeners' must not be empty. Valid values include: any non-empty value"),
    Refusal({"listeners": ","}, "Configuration 'listeners' values must not be empty."),
    # all interfaces cannot be advertised
    of("PLAINTEXT://0.0.0.0:{p}", META_ADDRESS),
    of(ONE, META_ADDRESS, advertised_listeners="PLAINTEXT://0.0.0.0:{p}"),
    of(ONE, NOT_PARSED, advertised_listeners="PLAINTEXT://*:{p}"),
    # what is advertised
    of(ONE, NOT_PARSED, advertised_listeners="PLAINTEXT://h"),
    of(ONE, "a port is a number from 0 to 65535", "Cannot serialize negative port", advertised_listeners="PLAINTEXT://h:-1"),
    of(ONE, "Configuration 'advertised.listeners' must not be empty.", advertised_listeners=""),
    of(ONE, "Configuration 'advertised.listeners' values must not be empty.", advertised_listeners="PLAINTEXT://h:1,"),
    of(
        ONE,
        "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. "
        "Found PLAINTEXT,B. The valid options based on the current configuration are PLAINTEXT,CONTROLLER",
        advertised_listeners="PLAINTEXT://h:1,B://h:1",
    ),
    of(ONE, f"{INTER_BROKER}based on currently configured listeners are B", advertised_listeners="B://h:1"),
    of(
        ONE,
        "Each listener must have a different name, listeners: [PLAINTEXT://h:1, PLAINTEXT://h:2]",
        advertised_listeners="PLAINTEXT://h:1,PLAINTEXT://h:2",
    ),
    # names and ports
    of(
        f"{ONE},plaintext://127.0.0.1:{{q}}",
        "Each listener must have a different name, listeners: [PLAINTEXT://127.0.0.1:{p}, ",
    ),
    of(f"{ONE},B://127.0.0.1:{{p}}", TWO_ON_A_PORT),
    of(f"{ONE},B://127.0.0.2:{{p}}", TWO_ON_A_PORT),
    of("PLAINTEXT://127.0.0.1:{c}", TWO_ON_A_PORT),
    of("PLAINTEXT://[::1]:{p},A://[::]:{p}", TWO_ON_A_PORT),
    of(f"{ONE},B://localhost:{{p}}", DIFFERENT_PORT),
    of(f"{ONE},B://:{{p}}", DIFFERENT_PORT),
    of("PLAINTEXT://:{p},B://[::1]:{p}", DIFFERENT_PORT),
    of(f"{ONE},B://[::1]:{{p}},A://localhost:{{p}}", DIFFERENT_PORT, TWO_ON_A_PORT),
    # protocols
    of("Z://127.0.0.1:{p}", "No security protocol defined for listener Z"),
    of(
        ONE,
        "Listener with name PLAINTEXT defined in inter.broker.listener.name not found in listener.security.protocol.map.",
        "No security protocol defined for listener PLAINTEXT",
        listener_security_protocol_map="",
    ),
    of(ONE, "No security protocol defined for listener CONTROLLER", listener_security_protocol_map="PLAINTEXT:PLAINTEXT"),
    of(
        ONE,
        "Invalid security protocol `NOPE` defined in listener.security.protocol.map",
        listener_security_protocol_map="PLAINTEXT:NOPE,CONTROLLER:PLAINTEXT",
    ),
    of(
        ONE,
        "listener.security.protocol.map: PLAINTEXT is not NAME:PROTOCOL",
        "Error parsing configuration property 'listener.security.protocol.map'",
        listener_security_protocol_map="PLAINTEXT,CONTROLLER:PLAINTEXT",
    ),
    of(
        ONE,
        "No security protocol defined for listener B",
        listener_security_protocol_map="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        advertised_listeners="B://h:1,PLAINTEXT://h:1",
    ),
    # what is left for clients, and between brokers
    Refusal(
        {"listeners": CONTROLLER}, "There must be at least one broker advertised listener. Perhaps all listeners appear in "
    ),
    of(
        ONE,
        "There must be at least one broker advertised listener. Perhaps all listeners appear in controller.listener.names?",
        controller_listener_names="PLAINTEXT,CONTROLLER",
    ),
    of(ONE, "Configuration 'controller.listener.names' must not be empty.", controller_listener_names=""),
    of(ONE, f"{INTER_BROKER}based on currently configured listeners are PLAINTEXT", inter_broker_listener_name="B"),
    of(ONE, f"{INTER_BROKER}based on currently configured listeners are PLAINTEXT", inter_broker_listener_name="CONTROLLER"),
    of("A://127.0.0.1:{p}", f"{INTER_BROKER}based on currently configured listeners are A", inter_broker_listener_name=None),
    of(
        ONE,
        "Listener with name Q defined in inter.broker.listener.name not found in listener.security.protocol.map.",
        inter_broker_listener_name="Q",
    ),
    of(
        ONE,
        "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.",
        security_inter_broker_protocol="PLAINTEXT",
    ),
)


def configs_of(case: dict[str, str | None], *, p: int, q: int, c: int) -> dict[str, str]:
    """The properties of a case, with its ports."""
    configs = {
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": PROTOCOLS,
        "inter.broker.listener.name": "PLAINTEXT",
        **case,
    }
    return {name: value.format(p=p, q=q, c=c) for name, value in configs.items() if value is not None}
