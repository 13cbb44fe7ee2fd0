"""What a listener offers clients to authenticate with, made of its configs.

Source: Kafka's SaslChannelBuilder, JaasContext and `BrokerSecurityConfigs`.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.protocol.java_hash import in_hash_map_order
from kafka_compat.security.sasl.authenticator import SaslOffer
from kafka_compat.security.sasl.jaas import JaasError, LoginModule, parse_jaas
from kafka_compat.security.sasl.mechanism import MechanismFactory
from kafka_compat.security.sasl.plain import PlainMechanism
from kafka_compat.security.sasl.scram import ScramCredentials, ScramExchange
from kafka_compat.security.sasl.scram_credentials import ScramMechanism

if TYPE_CHECKING:
    from kafka_compat.security.sasl.jwks_source import JwksSources

_PLAIN_MODULE: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SCRAM_MODULE: Final = "org.apache.kafka.common.security.scram.ScramLoginModule"
_USER_PREFIX: Final = "user_"


class Credentials(NamedTuple):
    """What clients are checked against, beside what the JAAS texts of listeners have.

    Attributes:
        users: password by name, for PLAIN; looked into anew for each client. None: there are none.
        scram: what SCRAM checks by.
        keys: of those who sign bearer tokens.
        host: that the listener binds to.
    """

    users: Mapping[str, str] | None
    scram: ScramCredentials
    keys: JwksSources
    host: str = ""


MechanismMaker = Callable[[ListenerConfig, Credentials], MechanismFactory]


def sasl_offer(config: ListenerConfig, listener: str, credentials: Credentials) -> SaslOffer:
    """The mechanisms of a SASL listener, by what its broker was started with.

    Raises:
        InvalidConfig: the listener cannot be opened so, and why, in one sentence.
    """
    # A client that may alter configs would else choose who is let in, whose tokens are good, or which file is read
    # (CVE-2023-25194, CVE-2025-27817, CVE-2025-27819), from when a broker starts again in the same process.
    config = config.static()
    enabled = config.get("sasl.enabled.mechanisms")
    assert isinstance(enabled, tuple)
    if config.text("sasl.enabled.mechanisms") is None:
        raise InvalidConfig(
            f"listener {listener} is one for SASL, and sasl.enabled.mechanisms is not set: its default GSSAPI (Kerberos) is "
            f"not built; set it to some of {', '.join(MECHANISMS)}"
        )
    if not enabled:
        raise InvalidConfig("No SASL mechanisms are enabled")
    factories = {}
    max_reauth_ms = {}
    # Kafka puts them into a set of Java's.
    for name in in_hash_map_order(enabled):
        maker = MECHANISMS.get(name)
        if maker is None:
            raise InvalidConfig(
                f"listener {listener}: sasl.enabled.mechanisms has {name}, which is not built; there are "
                f"{', '.join(MECHANISMS)}"
            )
        factories[name] = maker(config, credentials)
        limit_ms = config.get("connections.max.reauth.ms", name)
        assert isinstance(limit_ms, int)
        max_reauth_ms[name] = limit_ms
    return SaslOffer(factories, max_reauth_ms)


def _plain(config: ListenerConfig, credentials: Credentials) -> MechanismFactory:
    refuse_callback_handler(config, "PLAIN", "org.apache.kafka.common.security.plain.internals.PlainServerCallbackHandler")
    module = login_module(config, "PLAIN", _PLAIN_MODULE)
    if module is None and credentials.users is None:
        name = config.mechanism_name("sasl.jaas.config", "PLAIN")
        raise InvalidConfig(f'PLAIN is enabled and has no users: set {name}={_PLAIN_MODULE} required user_NAME="PASSWORD";')
    options = {} if module is None else module.options
    of_listener = {
        name.removeprefix(_USER_PREFIX): password for name, password in options.items() if name.startswith(_USER_PREFIX)
    }
    return partial(PlainMechanism, ChainMap(of_listener, credentials.users or {}))  # type: ignore[arg-type]


def _oauthbearer(config: ListenerConfig, credentials: Credentials) -> MechanismFactory:
    # Imported where it is wanted: others start without it.
    from kafka_compat.security.sasl.oauthbearer_offer import HANDLERS, LOGIN_MODULE, OAUTHBEARER, oauthbearer_offer

    refuse_callback_handler(config, OAUTHBEARER, *HANDLERS)
    module = login_module(config, OAUTHBEARER, LOGIN_MODULE)
    return oauthbearer_offer(config, module, credentials.keys, credentials.host)


def _scram(mechanism: ScramMechanism, config: ListenerConfig, credentials: Credentials) -> MechanismFactory:
    handler = "org.apache.kafka.common.security.scram.internals.ScramServerCallbackHandler"
    refuse_callback_handler(config, mechanism.mechanism_name, handler)
    login_module(config, mechanism.mechanism_name, _SCRAM_MODULE)  # whose options are for a client's side
    return partial(ScramExchange, mechanism, credentials.scram)


def refuse_callback_handler(config: ListenerConfig, mechanism: str, *built: str) -> None:
    """Refuse a class of the user's own that is to check credentials: there is no Java here to run it.

    Raises:
        InvalidConfig: one is set, and is none of those that are `built` in.
    """
    name = "sasl.server.callback.handler.class"
    handler = config.mechanism_text(name, mechanism)
    if handler is not None and handler not in built:
        raise InvalidConfig(f"{config.mechanism_name(name, mechanism)}={handler}: a class of your own cannot be run here")


def login_module(config: ListenerConfig, mechanism: str, built: str) -> LoginModule | None:
    """The login module of a listener's mechanism; None when its `sasl.jaas.config` is not set.

    Raises:
        InvalidConfig: the text is none, or names another class than the one that is `built` in.
    """
    text = config.mechanism_text("sasl.jaas.config", mechanism)
    if text is None:
        return None
    name = config.mechanism_name("sasl.jaas.config", mechanism)
    try:
        module = parse_jaas(text)
    except JaasError as error:
        raise InvalidConfig(f"{name}: {error}") from None
    if module.name != built:
        raise InvalidConfig(f"{name}: the login module is {module.name}, that of {mechanism} is {built}")
    return module


# In the order in which they are named to whoever has to choose.
MECHANISMS: Final[dict[str, MechanismMaker]] = {
    "PLAIN": _plain,
    **{mechanism.mechanism_name: partial(_scram, mechanism) for mechanism in ScramMechanism},
    "OAUTHBEARER": _oauthbearer,
}
