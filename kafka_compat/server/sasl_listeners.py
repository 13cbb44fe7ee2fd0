"""What the SASL listeners of a broker share with their connections, made of its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kafka_compat.clock import Clock
from kafka_compat.config.errors import BadSettings, InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.config.settings import ServerSettings
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.security.delegation_tokens import DelegationTokens
from kafka_compat.security.sasl.jwks_source import JwksSources
from kafka_compat.security.sasl.offers import Credentials, sasl_offer
from kafka_compat.security.sasl.scram import ScramCredentials, TokenCredential
from kafka_compat.security.sasl.scram_credentials import ScramCredential, ScramMechanism
from kafka_compat.server.sasl_connection import FailureLog, SaslListener, Strangers


class ImageCredentials:
    """The SCRAM credentials of the cluster, as of its last committed change. Not asked before the first client.

    Args:
        image: gives the cluster's.
        tokens: gives the broker's, None when it has none.
    """

    def __init__(self, image: Callable[[], ClusterImage], tokens: Callable[[], DelegationTokens | None]) -> None:
        self._image: Callable[[], ClusterImage] | None = image
        self._tokens: Callable[[], DelegationTokens | None] | None = tokens

    def close(self) -> None:
        """Know nobody from now on: who keeps a session in memory, such as a log of requests, need not keep all of a broker."""
        self._image = self._tokens = None

    def of_user(self, name: str, mechanism: ScramMechanism) -> ScramCredential | None:
        """The credential of a user; None when there is none."""
        if self._image is None:
            return None
        stored = self._image().scram_credentials.get(name, {}).get(mechanism.code)
        return None if stored is None else ScramCredential(*stored[2:])

    def of_token(self, token_id: str, mechanism: ScramMechanism) -> TokenCredential | None:
        """The credential of a delegation token; None when there is none, or it has expired.

        Raises:
            Later: it has to be made first.
        """
        tokens = None if self._tokens is None else self._tokens()
        return None if tokens is None else tokens.credential(token_id, mechanism)


def scram_mechanisms(listeners: Mapping[str, SaslListener]) -> list[ScramMechanism]:
    """Those that one of the listeners offers."""
    return [each for each in ScramMechanism if any(each.mechanism_name in it.offer.mechanisms for it in listeners.values())]


def sasl_listeners(
    settings: ServerSettings, clock: Clock, scram: ScramCredentials, keys: JwksSources
) -> dict[str, SaslListener]:
    """By the listener's name; `keys` are told which key sets they need.

    Raises:
        BadSettings: one of them cannot be opened with its configs.
    """
    credentials = Credentials(settings.users, scram, keys)
    log = FailureLog()
    strangers = Strangers()
    listeners = {}
    for listener in settings.listeners:
        if listener.security_protocol.startswith("SASL_"):
            config = ListenerConfig(settings.broker_config, listener.name)
            max_receive_bytes = config.get("sasl.server.max.receive.size")
            delay_s = settings.broker_config.connection_failed_authentication_delay_ms / 1000
            assert isinstance(max_receive_bytes, int)
            try:
                offer = sasl_offer(config, listener.name, credentials._replace(host=listener.host))
            except InvalidConfig as error:
                raise BadSettings(str(error)) from None
            listeners[listener.name] = SaslListener(offer, clock, max_receive_bytes, delay_s, log, strangers)
    return listeners
