"""What the handlers of client telemetry share: the broker's part for it, and who is at the other end."""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Services
from kafka_compat.telemetry.receiver import ATTRIBUTE_CHARACTERS, Client
from kafka_compat.telemetry.service import Telemetry


def telemetry_of(services: Services) -> Telemetry:
    """The broker's, made when it is first needed."""
    if services.telemetry is None:
        services.telemetry = Telemetry(services.config, services.clock, services.controller)
    return services.telemetry


def client_of(context: RequestContext) -> Client:
    """The client at the other end; its instance's id is in its request."""
    session, client_id = context.session, context.header.client_id
    return Client(
        instance_id="",
        client_id=None if client_id is None else client_id[: ATTRIBUTE_CHARACTERS + 1],
        software_name=session.software_name,
        software_version=session.software_version,
        host=session.host,
        port=session.port,
        principal=str(session.principal),
    )
