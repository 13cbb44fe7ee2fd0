"""What the three APIs of access control lists share: whether there are any here, and certain codes cannot be asked about."""

from __future__ import annotations

from typing import Final

from kafka_compat.api.context import CloseConnection, RequestContext
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.security.standard_authorizer import StandardAuthorizer

NO_AUTHORIZER: Final = ErrorCode.SECURITY_DISABLED
NO_AUTHORIZER_MESSAGE: Final = "No Authorizer is configured."

# Of ResourceType, PatternType, AclOperation and AclPermissionType. Codes that nobody knows are another matter in Kafka.
_UNKNOWN: Final = 0


def acls_here(context: RequestContext) -> StandardAuthorizer | None:
    """The access control lists that the broker's authorizer decides by; None when there is no authorizer, or it has none."""
    authorizer = context.services.authorizer
    if authorizer is None:
        return None
    from kafka_compat.security.chosen_authorizer import acls_of

    return acls_of(authorizer)


def refuse_unknown(resource_type: int, pattern_type: int, operation: int, permission_type: int) -> None:
    """Refuse what Kafka cannot make a request of.

    Raises:
        CloseConnection: one of the codes is UNKNOWN.
    """
    if _UNKNOWN in (resource_type, pattern_type, operation, permission_type):
        raise CloseConnection("an access control list with UNKNOWN elements")
