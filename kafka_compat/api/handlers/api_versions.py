"""ApiVersions 0-4: what this broker supports (KIP-35, client names KIP-511, features KIP-584).

v3 carries the client's software name and version, v4 lets a feature's supported minimum be 0. A request in a version that is
not known is answered in v0 with UNSUPPORTED_VERSION and the one row about ApiVersions itself, from which a client learns what
to fall back to. Only features that are built are listed: clients switch protocols by them.
"""

from __future__ import annotations

import re
from functools import cache

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.table import HANDLERS
from kafka_compat.metadata.features import SUPPORTED_FEATURES, finalized_features
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import (
    ApiVersion,
    ApiVersionsRequest,
    ApiVersionsResponse,
    FinalizedFeatureKey,
    SupportedFeatureKey,
)

# Kafka: ApiVersionsRequest.SOFTWARE_NAME_VERSION_PATTERN
_SOFTWARE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?")


def handle(context: RequestContext, request: ApiVersionsRequest) -> Response:
    """Answer the table of `api/table.py`."""
    if context.version >= 3:
        name, version = request.client_software_name, request.client_software_version
        if not (_SOFTWARE.fullmatch(name) and _SOFTWARE.fullmatch(version)):
            return refuse(request, context.version, ErrorCode.INVALID_REQUEST, None)
        context.session.name_software(name, version)
    return ApiVersionsResponse(
        api_keys=_rows(),
        supported_features=[
            SupportedFeatureKey(name=feature.name, min_version=feature.min_level, max_version=feature.max_level)
            for feature in SUPPORTED_FEATURES
            if context.version >= 4 or feature.min_level > 0
        ],
        finalized_features_epoch=context.services.controller.metadata_offset,
        finalized_features=[
            FinalizedFeatureKey(name=feature.name, max_version_level=feature.level, min_version_level=feature.level)
            for feature in finalized_features(context.services.image.feature_levels)
        ],
    )


@cache
def _rows() -> list[ApiVersion]:
    """The table as it is answered; made once, for nobody changes an answer."""
    return [
        ApiVersion(api_key=key, min_version=handler.listed_min_version, max_version=handler.max_version)
        for key, handler in sorted(HANDLERS.items())
    ]


def refuse(request: ApiVersionsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """An error without a table."""
    return ApiVersionsResponse(error_code=error_code)


def unsupported_version() -> Response:
    """What a client that speaks an unknown version of ApiVersions gets, in v0."""
    handler = HANDLERS[ApiKey.API_VERSIONS]
    row = ApiVersion(api_key=handler.api_key, min_version=handler.min_version, max_version=handler.max_version)
    return ApiVersionsResponse(error_code=ErrorCode.UNSUPPORTED_VERSION, api_keys=[row])
