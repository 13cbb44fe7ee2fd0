"""ApiVersions 0-4: what this broker supports (KIP-35, client names KIP-511, features KIP-584).

v3 carries the client's software name and version, v4 lets a feature's supported minimum be 0. A request in a version that is
not known is answered in v0 with UNSUPPORTED_VERSION and the one row about ApiVersions itself, from which a client learns what
to fall back to. Only features that are built are listed: clients switch protocols by them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from kafka_compat.api.context import RequestContext, Response, Services
from kafka_compat.api.table import HANDLERS, TELEMETRY_KEYS, Handler, limited_handlers
from kafka_compat.metadata.features import SUPPORTED_FEATURES, TRANSACTION_VERSION, finalized_features
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import (
    ApiVersion,
    ApiVersionsRequest,
    ApiVersionsResponse,
    FinalizedFeatureKey,
    SupportedFeatureKey,
)

# The first versions of requests that clients send with `transaction.version` 2.
_TRANSACTIONS_2 = {ApiKey.PRODUCE: 12, ApiKey.TXN_OFFSET_COMMIT: 5, ApiKey.END_TXN: 5}

# Kafka: ApiVersionsRequest.SOFTWARE_NAME_VERSION_PATTERN
_SOFTWARE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?")


def handle(context: RequestContext, request: ApiVersionsRequest) -> Response:
    """Answer the table of `api/table.py`."""
    if context.version >= 3:
        name, version = request.client_software_name, request.client_software_version
        if not (_SOFTWARE.fullmatch(name) and _SOFTWARE.fullmatch(version)):
            return refuse(request, context.version, ErrorCode.INVALID_REQUEST, None)
        context.session.name_software(name, version)
    if context.session.sasl is not None:
        context.session.sasl.told_versions()
    limits = context.services.api_limits
    lists_telemetry = _has_telemetry_receiver(context.services)
    # A client that finds the second version of transactions takes those of its requests for granted.
    max_level = 1 if limits and _lacks_transactions_2(limits) else None
    return ApiVersionsResponse(
        api_keys=_rows(lists_telemetry) if not limits else _rows_of(limited_handlers(limits), lists_telemetry),
        supported_features=[
            SupportedFeatureKey(
                name=feature.name,
                min_version=feature.min_level,
                max_version=_at_most(max_level, feature.name, feature.max_level),
            )
            for feature in SUPPORTED_FEATURES
            if context.version >= 4 or feature.min_level > 0
        ],
        finalized_features_epoch=context.services.controller.metadata_offset,
        finalized_features=[
            FinalizedFeatureKey(name=feature.name, max_version_level=level, min_version_level=level)
            for feature in finalized_features(context.services.image.feature_levels)
            for level in [_at_most(max_level, feature.name, feature.level)]
        ],
    )


def _lacks_transactions_2(limits: Mapping[int, tuple[int, int] | None]) -> bool:
    """Whether the view of an older broker is one from before `transaction.version` 2 (KIP-890)."""
    return any((limits.get(key, (0, first)) or (0, -1))[1] < first for key, first in _TRANSACTIONS_2.items())


def _at_most(max_level: int | None, feature: str, level: int) -> int:
    return level if max_level is None or feature != TRANSACTION_VERSION else min(level, max_level)


def _has_telemetry_receiver(services: Services) -> bool:
    """Whether clients are to push metrics, which they do when they find the APIs for it listed (KIP-714)."""
    if services.config.text("metric.reporters") is None:
        return False
    from kafka_compat.api.telemetry_clients import telemetry_of

    return bool(telemetry_of(services).receivers)


@cache
def _rows(lists_telemetry: bool) -> list[ApiVersion]:
    """The table as it is answered; made once, for nobody changes an answer."""
    return _rows_of(HANDLERS, lists_telemetry)


def _rows_of(handlers: Mapping[int, Handler[Any]], lists_telemetry: bool) -> list[ApiVersion]:
    return [
        ApiVersion(api_key=key, min_version=handler.listed_min_version, max_version=handler.max_version)
        for key, handler in sorted(handlers.items())
        if lists_telemetry or key not in TELEMETRY_KEYS
    ]


def refuse(request: ApiVersionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """An error without a table."""
    return ApiVersionsResponse(error_code=error_code)


def unsupported_version(handler: Handler[ApiVersionsRequest]) -> Response:
    """What a client that speaks an unknown version of ApiVersions gets, in v0, from the row about it."""
    row = ApiVersion(api_key=handler.api_key, min_version=handler.min_version, max_version=handler.max_version)
    return ApiVersionsResponse(error_code=ErrorCode.UNSUPPORTED_VERSION, api_keys=[row])
