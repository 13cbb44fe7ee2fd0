"""Where Kafka's tools print something else about our broker on purpose; every entry says why. Anything else fails a test."""

from __future__ import annotations

import re

from interop_tests.java.tools import API_VERSIONS, CONFIGS, FEATURES, GET_OFFSETS, METADATA_QUORUM, Difference
from kafka_compat.api.table import HANDLERS
from kafka_compat.metadata.features import SUPPORTED_FEATURES

_built_apis = "|".join(str(key) for key in HANDLERS)
_built_features = "|".join(re.escape(feature.name) for feature in SUPPORTED_FEATURES)
_node_configs = "controller.quorum.bootstrap.servers|inter.broker.listener.name|listener.security.protocol.map|listeners"

DIFFERENCES = (
    Difference(
        API_VERSIONS,
        rf"\t\w+\((?!(?:{_built_apis})\)).*",
        rf"\t\w+\((?!(?:{_built_apis})\))\d+\): UNSUPPORTED,?",
        "APIs that are not built are not listed; of those that are built every version is",
    ),
    Difference(
        FEATURES,
        rf"Feature: (?!(?:{_built_features})\s).*",
        None,
        "features that are not built are not listed: clients would switch protocols by them",
    ),
    Difference(
        METADATA_QUORUM,
        r"CurrentVoters: .*CONTROLLER://.*",
        r"CurrentVoters: .*PLAINTEXT://<address>.*",
        "the controller has no listener of its own here: the endpoint of the voter is the broker's",
    ),
    Difference(
        CONFIGS,
        rf"  (?:{_node_configs})=.*",
        rf"  (?:{_node_configs})=.*",
        "what the two nodes are started with: ours needs no listener for the controller, and was given port 0",
    ),
    Difference(
        GET_OFFSETS,
        r"tools-\d+-deleted:0:0",
        None,
        "a deleted record is not the one with the largest timestamp; the reference names it while its segment exists",
    ),
)
