"""The broker's loggers as configs (KIP-412): levels live in this process and end with it.

Shown are this package's loggers. `root` is the package's own logger and not Python's root: a broker inside a test process has
no business with the log levels of the tests. Python has no TRACE; it gets the number 5.
"""

from __future__ import annotations

import logging
from typing import Final

from kafka_compat.config.alter import AlterOp
from kafka_compat.ids import BrokerId
from kafka_compat.metadata.config_plans import Alteration
from kafka_compat.metadata.config_resources import require_node_id
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

ROOT: Final = "root"
_PACKAGE: Final = "kafka_compat"
# Log4j's names, which the protocol speaks (`LogLevelConfig`), from the most severe.
_LEVELS: Final = {
    "FATAL": logging.CRITICAL,
    "ERROR": logging.ERROR,
    "WARN": logging.WARNING,
    "INFO": logging.INFO,
    "DEBUG": logging.DEBUG,
    "TRACE": 5,
}


def logger_levels() -> dict[str, str]:
    """Every logger of the broker with its level in effect."""
    names = [name for name in list(logging.root.manager.loggerDict) if name.startswith(f"{_PACKAGE}.")]
    return {name: _level_name(_logger(name)) for name in (ROOT, *sorted(names))}


def change_levels(node_id: BrokerId, alteration: Alteration, *, validate_only: bool) -> None:
    """Set or delete log levels; all or none.

    Raises:
        KafkaError: INVALID_REQUEST or INVALID_CONFIG. Source: `RuntimeLoggerManager.applyChangesForResource`.
    """
    require_node_id(alteration.resource_name, node_id, "Unexpected node id. Expected {expected}, but received {name}")
    levels = logger_levels()
    for operation in alteration.operations:
        match operation.code:
            case AlterOp.SET:
                _require_logger(levels, operation.name)
                if operation.value not in _LEVELS:
                    raise KafkaError(
                        ErrorCode.INVALID_CONFIG,
                        f"Cannot set the log level of {operation.name} to {operation.value} as it is not a supported log "
                        f"level. Valid log levels are {', '.join(sorted(_LEVELS))}",
                    )
            case AlterOp.DELETE:
                _require_logger(levels, operation.name)
                if operation.name == ROOT:
                    raise KafkaError(ErrorCode.INVALID_REQUEST, "Removing the log level of the root logger is not allowed")
            case AlterOp.APPEND | AlterOp.SUBTRACT:
                message = f"{AlterOp(operation.code).name} operation is not allowed for the BROKER_LOGGER resource"
                raise KafkaError(ErrorCode.INVALID_REQUEST, message)
            case _:
                raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    if not validate_only:
        for operation in alteration.operations:
            set_to = logging.NOTSET if operation.value is None or operation.code == AlterOp.DELETE else _LEVELS[operation.value]
            _logger(operation.name).setLevel(set_to)


def _require_logger(levels: dict[str, str], name: str) -> None:
    if name not in levels:
        raise KafkaError(ErrorCode.INVALID_CONFIG, f"Logger {name} does not exist!")


def _logger(name: str) -> logging.Logger:
    return logging.getLogger(_PACKAGE if name == ROOT else name)


def _level_name(logger: logging.Logger) -> str:
    level = logger.getEffectiveLevel()
    return next((name for name, number in _LEVELS.items() if level >= number), "TRACE")
