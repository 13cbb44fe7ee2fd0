"""What quotas are for: the entity types of both quota APIs (Kafka: ClientQuotaEntity)."""

from __future__ import annotations

from typing import Final

USER: Final = "user"
CLIENT_ID: Final = "client-id"
IP: Final = "ip"
ENTITY_TYPES: Final = (USER, CLIENT_ID, IP)
