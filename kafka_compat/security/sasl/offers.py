"""What a listener offers clients to authenticate with, made of its configs.

Source: Kafka's SaslChannelBuilder, JaasContext and `BrokerSecurityConfigs`.
"""

from __future__ import annotations

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

if TYPE_CHECKING:
    from kafka_compat.security.sasl.jwks_source import JwksSources

_PLAIN_MODULE: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"
_USER_PREFIX: Final = "user_"


class Credentials(NamedTuple):
    """What clients are checked against, beside what the JAAS texts of listeners have.

    Attributes:
        users: password by name, for PLAIN.
        keys: of those who sign bearer tokens.
        host: that the listener binds to.
    """

    users: Mapping[str, str]
    keys: JwksSources
    host: str = ""


MechanismMaker = Callable[[ListenerConfig, Credentials], MechanismFactory]


def sasl_offer(config: ListenerConfig, listener: str, credentials: Credentials) -> SaslOffer:
    """The mechanisms of a SASL listener.

    Raises:
        InvalidConfig: the listener cannot be opened so, and why, in one sentence.
    """
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
    users = dict(credentials.users)
    module = login_module(config, "PLAIN")
    if module is not None and module.name == _PLAIN_MODULE:
        users |= {
            name.removeprefix(_USER_PREFIX): password
            for name, password in module.options.items()
            if name.startswith(_USER_PREFIX)
        }
    return partial(PlainMechanism, users)


def _oauthbearer(config: ListenerConfig, credentials: Credentials) -> MechanismFactory:
    # Imported where it is wanted: others start without it.
    from kafka_compat.security.sasl.oauthbearer_offer import OAUTHBEARER, oauthbearer_offer

    return oauthbearer_offer(config, login_module(config, OAUTHBEARER), credentials.keys, credentials.host)


def login_module(config: ListenerConfig, mechanism: str) -> LoginModule | None:
    """The login module of a listener's mechanism; None when its `sasl.jaas.config` is not set.

    Raises:
        InvalidConfig: the text is none.
    """
    text = config.mechanism_text("sasl.jaas.config", mechanism)
    if text is None:
        return None
    try:
        return parse_jaas(text)
    except JaasError as error:
        raise InvalidConfig(f"{config.mechanism_name('sasl.jaas.config', mechanism)}: {error}") from None


# In the order in which they are named to whoever has to choose.
MECHANISMS: Final[dict[str, MechanismMaker]] = {"PLAIN": _plain, "OAUTHBEARER": _oauthbearer}
