"""The table of all verbs: what routes requests, and what the OpenAPI document and docs/control-plane.md are made of."""

from __future__ import annotations

from typing import Final

from kafka_compat.web.control.access_verbs import ACCESS_VERBS
from kafka_compat.web.control.arguments import Verb
from kafka_compat.web.control.cluster_verbs import CLUSTER_VERBS
from kafka_compat.web.control.content_verbs import CONTENT_VERBS
from kafka_compat.web.control.disk_verbs import DISK_VERBS
from kafka_compat.web.control.fault_verbs import FAULT_VERBS

VERBS: Final[tuple[Verb, ...]] = (*CLUSTER_VERBS, *ACCESS_VERBS, *CONTENT_VERBS, *FAULT_VERBS, *DISK_VERBS)
