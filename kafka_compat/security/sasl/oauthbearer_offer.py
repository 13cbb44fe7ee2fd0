"""OAUTHBEARER as a listener's configs want it: with signed tokens, or where that is said and nobody else is let in, without.

Kafka takes tokens without a signature unless `sasl.server.callback.handler.class` names the validator that checks them. Here
they are checked, and a listener without `sasl.oauthbearer.jwks.endpoint.url` is not opened (CVE-2026-110985, CVE-2026-33557);
unsigned ones take `sasl.oauthbearer.allow.unsecured=true`, a config of ours, and an address of the loopback interface. Kafka's
JVM properties that list the URLs and files it may read have no counterpart: only what a broker is started with counts, which
clients cannot alter.
"""

from __future__ import annotations

import ipaddress
import logging
from functools import partial
from importlib.util import find_spec
from typing import Final
from urllib.parse import urlsplit

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.security.sasl.jaas import LoginModule
from kafka_compat.security.sasl.jwks_fetch import SCHEMES
from kafka_compat.security.sasl.jwks_source import JwksPlace, JwksSources
from kafka_compat.security.sasl.jwt_claims import ClaimRules
from kafka_compat.security.sasl.jwt_validator import JwtValidator
from kafka_compat.security.sasl.mechanism import MechanismFactory
from kafka_compat.security.sasl.oauthbearer import OAuthBearerMechanism
from kafka_compat.security.sasl.unsecured_tokens import UnsecuredValidator, unsecured_options

logger = logging.getLogger(__name__)

OAUTHBEARER: Final = "OAUTHBEARER"
UNSECURED_SWITCH: Final = "sasl.oauthbearer.allow.unsecured"
_URL: Final = "sasl.oauthbearer.jwks.endpoint.url"
_HANDLER: Final = "sasl.server.callback.handler.class"
_VALIDATOR: Final = "sasl.oauthbearer.jwt.validator.class"
_PACKAGE: Final = "org.apache.kafka.common.security.oauthbearer"
# The last one is where it was before Kafka 4.
_VALIDATING_HANDLERS: Final = (
    f"{_PACKAGE}.OAuthBearerValidatorCallbackHandler",
    f"{_PACKAGE}.secured.OAuthBearerValidatorCallbackHandler",
)
_UNSECURED_HANDLER: Final = f"{_PACKAGE}.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler"
HANDLERS: Final = (*_VALIDATING_HANDLERS, _UNSECURED_HANDLER)
LOGIN_MODULE: Final = f"{_PACKAGE}.OAuthBearerLoginModule"
_VALIDATORS: Final = (f"{_PACKAGE}.DefaultJwtValidator", f"{_PACKAGE}.BrokerJwtValidator")
_LIBRARIES: Final = ("joserfc", "cryptography")


def oauthbearer_offer(config: ListenerConfig, module: LoginModule | None, sources: JwksSources, host: str) -> MechanismFactory:
    """The mechanism of a listener.

    Args:
        config: of the listener, as the broker was started with it.
        module: its JAAS text, if it has one.
        sources: where keys are kept.
        host: that the listener binds to.

    Raises:
        InvalidConfig: the listener cannot be opened so, and why, in one sentence.
    """
    handler = config.mechanism_text(_HANDLER, OAUTHBEARER)
    switch = (config.text(UNSECURED_SWITCH, OAUTHBEARER) or "false").strip().lower()
    if switch not in ("true", "false"):
        raise InvalidConfig(f"{UNSECURED_SWITCH} is true or false, not {switch}")
    url = config.text(_URL, OAUTHBEARER)
    if switch == "true":
        if url is not None or handler in _VALIDATING_HANDLERS:
            raise InvalidConfig(f"{UNSECURED_SWITCH} is true, and {_URL} or {_HANDLER} ask for tokens with a signature")
        return _unsecured(module, host)
    if handler == _UNSECURED_HANDLER or not url:
        raise InvalidConfig(
            f"OAUTHBEARER needs {_URL}: without it nobody can tell whether a token is genuine. For tests, on a loopback "
            f"address, {UNSECURED_SWITCH}=true takes tokens without a signature"
        )
    return partial(OAuthBearerMechanism, _validator(config, url, sources))


def _unsecured(module: LoginModule | None, host: str) -> MechanismFactory:
    if not _is_loopback(host):
        raise InvalidConfig(
            f"{UNSECURED_SWITCH} lets everybody be whoever he says: only for listeners on a loopback address, not on "
            f"{host or 'all interfaces'}"
        )
    logger.warning("OAUTHBEARER takes tokens without a signature: everybody is whoever he says")
    try:
        options = unsecured_options(module.options if module is not None else {})
    except ValueError as error:
        raise InvalidConfig(str(error)) from None
    return partial(OAuthBearerMechanism, UnsecuredValidator(options))


def _validator(config: ListenerConfig, url: str, sources: JwksSources) -> JwtValidator:
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        raise InvalidConfig(f"OAUTHBEARER needs {', '.join(missing)}: pip install 'kafka-compat[security]'")
    if urlsplit(url).scheme not in SCHEMES:
        raise InvalidConfig(f"{_URL} {url}: it begins with one of {', '.join(SCHEMES)}")
    if (validator := config.text(_VALIDATOR, OAUTHBEARER)) not in (None, *_VALIDATORS):
        raise InvalidConfig(f"{_VALIDATOR}: {validator} is a class of Java's, and not here")
    rules = _rules(config)
    if urlsplit(url).scheme == "http" and not _is_loopback(urlsplit(url).hostname or ""):
        logger.warning("%s is read without TLS: who stands between can make tokens of his own", url)
    if rules.issuer is None or not rules.audiences:
        logger.warning(
            "OAUTHBEARER takes tokens of any issuer with a key of %s, or for any service: set sasl.oauthbearer.expected.issuer "
            "and sasl.oauthbearer.expected.audience",
            url,
        )
    place = JwksPlace(
        url,
        _at_least_one(config, "sasl.oauthbearer.jwks.endpoint.refresh.ms"),
        _at_least_one(config, "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms"),
        _at_least_one(config, "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms"),
    )
    return JwtValidator(sources.at(place), rules)


def _rules(config: ListenerConfig) -> ClaimRules:
    audiences = config.get("sasl.oauthbearer.expected.audience", OAUTHBEARER)
    skew_s = config.get("sasl.oauthbearer.clock.skew.seconds", OAUTHBEARER)
    assert isinstance(audiences, tuple)
    assert isinstance(skew_s, int)
    if skew_s < 0:
        raise InvalidConfig("sasl.oauthbearer.clock.skew.seconds is below 0")
    names = []
    for name in ("sasl.oauthbearer.scope.claim.name", "sasl.oauthbearer.sub.claim.name"):
        claim = str(config.get(name, OAUTHBEARER)).strip()
        if not claim:
            raise InvalidConfig(f"{name} is empty")
        names.append(claim)
    return ClaimRules(
        frozenset(audiences), config.text("sasl.oauthbearer.expected.issuer", OAUTHBEARER) or None, skew_s, names[0], names[1]
    )


def _at_least_one(config: ListenerConfig, name: str) -> int:
    value = config.get(name, OAUTHBEARER)
    assert isinstance(value, int)
    if value < 1:
        raise InvalidConfig(f"{name} is below 1")
    return value


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
