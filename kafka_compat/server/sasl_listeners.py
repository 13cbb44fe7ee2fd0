"""What the SASL listeners of a broker share with their connections, made of its settings."""

from __future__ import annotations

from kafka_compat.clock import Clock
from kafka_compat.config.errors import BadSettings, InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.config.settings import ServerSettings
from kafka_compat.security.sasl.jwks_source import JwksSources
from kafka_compat.security.sasl.offers import Credentials, sasl_offer
from kafka_compat.server.sasl_connection import FailureLog, SaslListener


def sasl_listeners(settings: ServerSettings, clock: Clock, keys: JwksSources) -> dict[str, SaslListener]:
    """By the listener's name; `keys` are told which key sets they need.

    Raises:
        BadSettings: one of them cannot be opened with its configs.
    """
    credentials = Credentials(settings.users, keys)
    log = FailureLog()
    listeners = {}
    for listener in settings.listeners:
        if listener.security_protocol.startswith("SASL_"):
            config = ListenerConfig(settings.broker_config, listener.name)
            max_receive_bytes = config.get("sasl.server.max.receive.size")
            delay_ms = settings.broker_config.get("connection.failed.authentication.delay.ms")
            assert isinstance(max_receive_bytes, int)
            assert isinstance(delay_ms, int)
            try:
                offer = sasl_offer(config, listener.name, credentials._replace(host=listener.host))
            except InvalidConfig as error:
                raise BadSettings(str(error)) from None
            listeners[listener.name] = SaslListener(offer, clock, max_receive_bytes, delay_ms / 1000, log)
    return listeners
