"""Few descriptors: the limit is raised, shared out, and what there is none for is refused in a sentence, not by chance."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import sys
import time
from pathlib import Path

import pytest

from kafka_compat.filesystem.descriptors import MIN_LIMIT, shares
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.records.compression import Codec
from tests.support.shell_processes import Served, served
from tests.support.wire_client import ConnectionClosed, WireClient

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of open files")

PARTITIONS = 300


def produce_everywhere(client: WireClient, partitions: int) -> None:
    batch = build_batch([(1_704_067_200_000, None, b"x" * 100, ())], codec=Codec.ZSTD)
    data = [PartitionProduceData(index=index, records=batch) for index in range(partitions)]
    request = ProduceRequest(acks=-1, timeout_ms=1000, topic_data=[TopicProduceData(name="t", partition_data=data)])
    response = client.call(request, 9, ProduceResponse)
    codes = {partition.error_code for partition in response.responses[0].partition_responses}
    assert codes == {ErrorCode.NONE}


def fetch_everywhere(client: WireClient, partitions: int) -> None:
    wanted = [FetchPartition(partition=index, fetch_offset=0, partition_max_bytes=1 << 20) for index in range(partitions)]
    request = FetchRequest(max_bytes=1 << 30, topics=[FetchTopic(topic="t", partitions=wanted)])
    response = client.call(request, 12, FetchResponse)
    answers = response.responses[0].partitions
    assert len(answers) == partitions
    assert {answer.error_code for answer in answers} == {ErrorCode.NONE}
    assert all(answer.records for answer in answers)


def look_at_everything(client: WireClient, partitions: int) -> None:
    """Much of this is imported when it is first asked for."""
    produce_everywhere(client, partitions)
    fetch_everywhere(client, partitions)
    timestamps = [ListOffsetsPartition(partition_index=index, timestamp=0) for index in range(partitions)]
    offsets = client.call(
        ListOffsetsRequest(topics=[ListOffsetsTopic(name="t", partitions=timestamps)]), 7, ListOffsetsResponse
    )
    assert {answer.error_code for answer in offsets.topics[0].partitions} == {ErrorCode.NONE}
    resource_ = DescribeConfigsResource(resource_type=2, resource_name="t", configuration_keys=None)
    described = client.call(
        DescribeConfigsRequest(resources=[resource_], include_documentation=True), 4, DescribeConfigsResponse
    )
    assert described.results[0].error_code == ErrorCode.NONE


def limit_of(broker: Served) -> tuple[int, int]:
    return resource.prlimit(broker.pid, resource.RLIMIT_NOFILE)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the limits of another process")
def test_the_soft_limit_is_raised_to_the_hard_one(tmp_path: Path) -> None:
    with served(tmp_path, "--topic", f"t:{PARTITIONS}", before="ulimit -S -n 256; ulimit -H -n 2000") as broker:
        with WireClient(broker.until_ready()) as client:
            assert limit_of(broker) == (2000, 2000)
            look_at_everything(client, PARTITIONS)
        broker.stop()


@pytest.mark.parametrize("limit", [MIN_LIMIT, 256])
def test_a_low_limit_is_enough_for_many_partitions_and_all_connections(tmp_path: Path, limit: int) -> None:
    """As many clients as there are places for, then every API: what is opened for a moment still finds a descriptor."""
    share = shares(limit)
    with served(tmp_path, "--topic", f"t:{PARTITIONS}", before=f"ulimit -n {limit}") as broker, contextlib.ExitStack() as stack:
        bootstrap = broker.until_ready()
        clients = [stack.enter_context(WireClient(bootstrap)) for _ in range(share.connections)]
        for client in clients:
            client.call(ApiVersionsRequest(), 0, ApiVersionsResponse)
        look_at_everything(clients[0], PARTITIONS)
        assert "Too many open files" not in broker.err_text()

        # One more is closed, said once however many they are, and there is a place again when another leaves.
        for _ in range(20):
            with WireClient(bootstrap) as refused, pytest.raises((ConnectionClosed, ConnectionResetError, BrokenPipeError)):
                refused.call(ApiVersionsRequest(), 0, ApiVersionsResponse)
        assert broker.err_text().count(f"new connections are closed: {share.connections} are open") == 1
        clients.pop().close()
        deadline = time.monotonic() + 10
        while True:
            try:
                with WireClient(bootstrap) as late:
                    late.call(ApiVersionsRequest(), 0, ApiVersionsResponse)
                break
            except (ConnectionClosed, ConnectionResetError, BrokenPipeError):
                assert time.monotonic() < deadline
        look_at_everything(clients[0], PARTITIONS)
        stack.close()
        broker.stop()


@pytest.mark.parametrize("limit", [16, MIN_LIMIT - 1])
def test_a_limit_below_all_use_is_said(tmp_path: Path, limit: int) -> None:
    with served(tmp_path, before=f"ulimit -n {limit}") as broker:
        assert broker.wait() == 1
        assert broker.err_text() == (
            f"kafka-compat: only {limit} files may be open (ulimit -n), a broker needs {MIN_LIMIT} or more\n"
        )


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets the limits of another process")
@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_accepting_goes_on_after_the_last_descriptor_was_gone(tmp_path: Path, loop: str) -> None:
    """Not what a budget can prevent: the machine has none left, or something else in the process took them."""
    environment = dict(os.environ)
    if loop == "asyncio":
        (tmp_path / "uvloop.py").write_text("raise ImportError")
        environment["PYTHONPATH"] = str(tmp_path)
    with served(tmp_path, environment=environment) as broker:
        bootstrap = broker.until_ready()
        host, port = bootstrap.split(":")
        open_now = {int(name) for name in os.listdir(f"/proc/{broker.pid}/fd")}
        limits = limit_of(broker)
        resource.prlimit(broker.pid, resource.RLIMIT_NOFILE, (len(open_now), limits[1]))
        waiting = [socket.create_connection((host, int(port))) for _ in range(5)]
        deadline = time.monotonic() + 10
        while "cannot accept connections, trying again: Too many open files" not in broker.err_text():
            assert time.monotonic() < deadline, broker.err_text()
            time.sleep(0.01)
        before_s = cpu_s(broker.pid)
        time.sleep(1)  # what is measured is what it does in that time
        assert cpu_s(broker.pid) - before_s < 0.3
        resource.prlimit(broker.pid, resource.RLIMIT_NOFILE, limits)
        with WireClient(bootstrap) as client:
            client.call(ApiVersionsRequest(), 0, ApiVersionsResponse)
        for each in waiting:
            each.close()
        assert broker.err_text().count("cannot accept") == 1
        broker.stop()


def test_the_shares_add_up() -> None:
    for limit in (MIN_LIMIT, 100, 256, 1024, 4096, 20_000, 1 << 20):
        share = shares(limit)
        assert min(share) > 0
        assert sum(share) <= limit - min(64, limit // 2)
    assert shares(1 << 20)[:2] == (1024, 256)
