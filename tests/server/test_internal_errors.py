"""Bugs of our own: whatever a handler does wrong, its client gets an answer or a closed connection, and others go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from kafka_compat.api.context import Answer, RequestContext
from kafka_compat.api.handlers import metadata
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.testing.cluster import Cluster
from tests.support.wire_client import ConnectionClosed, WireClient


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


def unencodable() -> MetadataResponse:
    return MetadataResponse(cluster_id=42)  # type: ignore[arg-type]


def immediately(_context: RequestContext, _request: MetadataRequest) -> Answer:
    return unencodable()


async def _later() -> MetadataResponse:
    await asyncio.sleep(0)
    return unencodable()


def later(_context: RequestContext, _request: MetadataRequest) -> Answer:
    return _later()


def failing(_context: RequestContext, _request: MetadataRequest) -> Answer:
    raise RuntimeError("a bug")


async def _failing_later() -> MetadataResponse:
    await asyncio.sleep(0)
    raise RuntimeError("a bug")


def failing_later(_context: RequestContext, _request: MetadataRequest) -> Answer:
    return _failing_later()


def failing_refusal(_request: MetadataRequest, _version: int, _error_code: ErrorCode, _message: str | None) -> None:
    raise RuntimeError("another bug")


def answers(cluster: Cluster) -> bool:
    with WireClient(cluster.bootstrap, timeout_s=5) as client:
        return client.call(MetadataRequest(topics=[]), 9, MetadataResponse).cluster_id is not None


@pytest.mark.expects_errors("cannot be encoded")
@pytest.mark.parametrize("handle", [immediately, later])
def test_an_answer_that_cannot_be_encoded_closes_the_connection(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, handle: object
) -> None:
    """A client that hears nothing would wait for its whole request timeout."""
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(metadata, "handle", handle)
        with WireClient(cluster.bootstrap, timeout_s=5) as client, pytest.raises(ConnectionClosed):
            client.call(MetadataRequest(topics=[]), 9, MetadataResponse)
    assert "METADATA v9 cannot be encoded" in caplog.text
    assert answers(cluster)


@pytest.mark.expects_errors("cannot be refused", "METADATA v9 from .* failed")
@pytest.mark.parametrize("handle", [failing, failing_later])
def test_a_refusal_that_fails_closes_the_connection(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, handle: object
) -> None:
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(metadata, "handle", handle)
        patch.setattr(metadata, "refuse", failing_refusal)
        with WireClient(cluster.bootstrap, timeout_s=5) as client, pytest.raises(ConnectionClosed):
            client.call(MetadataRequest(topics=[]), 9, MetadataResponse)
    assert "METADATA v9 cannot be refused" in caplog.text
    assert answers(cluster)
