"""Where static configs come from: a properties file, the environment, and NAME=VALUE of the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kafka_compat.config.errors import BadSettings, InvalidConfig
from kafka_compat.config.table import (
    AUTHORIZER_CONFIGS,
    BROKER_CONFIGS,
    TOPIC_CONFIGS,
    TOPIC_SYNONYMS,
    broker_key,
    listener_config,
)

ENVIRONMENT_PREFIX = "KAFKA_"
# Bitnami's images set configs by KAFKA_CFG_<CONFIG>, Apache's own by KAFKA_<CONFIG>.
ALIAS_PREFIX = "KAFKA_CFG_"

# Without the prefix, and read by those images only.
_IMAGE_VARIABLES = ("ALLOW_PLAINTEXT_LISTENER", "CLUSTER_ID")

# They say which of the listeners are opened, though nothing else of them acts.
_READ_WITH_LISTENERS = frozenset({"controller.listener.names", "listener.security.protocol.map"})

# Alike enough that a name is most likely a slip of the pen.
_SIMILARITY = 0.85


def read_properties(path: Path) -> dict[str, str]:
    """The configs of a Java properties file; raises BadSettings when it cannot be read."""
    from kafka_compat.config.properties import parse_properties  # only needed when there is a file

    try:
        return parse_properties(path.read_bytes())
    except OSError as error:
        raise BadSettings(f"--config {path}: {error.strerror}") from None
    except ValueError as error:
        raise BadSettings(f"--config {path}: {error}") from None


def environment_name(variable: str) -> str:
    """The config that an environment variable sets: KAFKA_LOG_RETENTION_MS and KAFKA_CFG_LOG_RETENTION_MS are log.retention.ms.

    The rule of Apache Kafka's container image: after the prefix, in small letters, `___` is a dash, `__` an underscore, and `_`
    a dot.
    """
    prefix = ALIAS_PREFIX if variable.startswith(ALIAS_PREFIX) else ENVIRONMENT_PREFIX
    name = variable.removeprefix(prefix).lower()
    return name.replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")


def read_environment(environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The configs of the environment, and warnings.

    Of KAFKA_<CONFIG> and KAFKA_CFG_<CONFIG> the first wins. What is misspelt has a warning of its own; one more names all that
    means nothing here: other software's variables (KAFKA_HEAP_OPTS) and configs without effect (KAFKA_PROCESS_ROLES).
    """
    configs: dict[str, str] = {}
    warnings = []
    without_meaning = []
    # The alias comes first, and is overwritten.
    names = [name for name in environment if name.startswith(ENVIRONMENT_PREFIX)]
    for variable in sorted(names, key=lambda name: not name.startswith(ALIAS_PREFIX)):
        name = environment_name(variable)
        key = broker_key(name)
        if key is None:
            if (meant := _similar(name)) is not None:
                warnings.append(f"{variable} is ignored: there is no config {name}; did you mean {meant}?")
            else:
                without_meaning.append(variable)
            continue
        if name in configs and configs[name] != environment[variable]:
            warnings.append(f"{ALIAS_PREFIX}{variable.removeprefix(ENVIRONMENT_PREFIX)} is ignored: {variable} is set as well")
        if not key.acts and name not in _READ_WITH_LISTENERS:
            without_meaning.append(variable)
        configs[name] = environment[variable]
    if names:
        without_meaning += [name for name in _IMAGE_VARIABLES if name in environment]
    if without_meaning:
        warnings.append(f"environment variables without effect here: {', '.join(sorted(without_meaning))}")
    return configs, warnings


def read_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """The configs of `--set NAME=VALUE`; raises BadSettings for an unknown name, with the one that may have been meant."""
    configs: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        name = name.strip()
        if not equals or not name:
            raise BadSettings(f"--set {assignment}: expected NAME=VALUE, such as log.retention.ms=3600000")
        if (reason := unknown_reason(name)) is not None:
            raise BadSettings(f"--set {assignment}: {reason}")
        configs[name] = value
    return configs


def unknown_names(configs: Mapping[str, str]) -> list[str]:
    """A warning for each name of a properties file that is no broker config; Kafka ignores these as well."""
    return [f"{name} is ignored: {reason}" for name in configs if (reason := unknown_reason(name)) is not None]


def check_values(configs: Mapping[str, str], source: str) -> None:
    """Raise BadSettings, naming the source, for a value that its config does not take."""
    for name, text in configs.items():
        key = BROKER_CONFIGS.get(name)
        if key is not None:
            try:
                key.parse(text)
            except InvalidConfig as error:
                raise BadSettings(f"{source}: {error}") from None


def unknown_reason(name: str) -> str | None:
    """Why the name is no broker config, with the one that may have been meant; None when it is one."""
    if broker_key(name) is not None or listener_config(name) is not None or name in AUTHORIZER_CONFIGS:
        return None
    if name in TOPIC_CONFIGS:
        synonym = TOPIC_SYNONYMS.get(name)
        hint = f"; its default is the broker config {synonym}" if synonym else ""
        return f"{name} is a config of topics, not of brokers{hint}"
    meant = _similar(name)
    return f"there is no broker config {name}" + (f"; did you mean {meant}?" if meant else "")


def _similar(name: str) -> str | None:
    import difflib

    close = difflib.get_close_matches(name, BROKER_CONFIGS, n=1, cutoff=_SIMILARITY)
    return close[0] if close else None
