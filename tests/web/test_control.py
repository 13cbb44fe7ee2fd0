"""The control plane: each verb does what the one of `Kafka` does, and each refusal is a sentence."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.testing.kafka import Kafka
from kafka_compat.web.control.fault_form import action_functions
from kafka_compat.web.control.server import ControlServer
from kafka_compat.web.control.verbs import VERBS
from tests.support.group_wire import Wire
from tests.support.wire_client import WireClient
from tests.web.controlled import ControlClient


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"orders": 2}, brokers=2, clock="manual") as kafka:
        yield kafka


@pytest.fixture(scope="module")
def server(kafka: Kafka) -> Iterator[ControlServer]:
    with ControlServer(kafka) as server:
        yield server


@pytest.fixture
def control(server: ControlServer) -> ControlClient:
    """A client; the cluster is as in the beginning."""
    client = ControlClient(server.url)
    client.ok("POST", "/v1/reset")
    return client


# --- what is in the cluster


def test_where_it_is(control: ControlClient, kafka: Kafka) -> None:
    cluster = control.ok("GET", "/v1/cluster")
    assert cluster["bootstrap_servers"] == kafka.bootstrap_servers
    assert [broker["id"] for broker in cluster["brokers"]] == [1, 2]
    assert cluster["clock"]["is_manual"] is True
    assert control.ok("GET", "/v1/client-configs/java")["bootstrap.servers"] == kafka.bootstrap_servers


def test_topics(control: ControlClient) -> None:
    made = control.ok("POST", "/v1/topics", {"name": "made", "partitions": 3, "configs": {"retention.ms": 1000}})
    assert (made["name"], len(made["partitions"]), made["configs"]) == ("made", 3, {"retention.ms": "1000"})
    assert made == control.ok("GET", "/v1/topics/made")
    assert {"made", "orders"} <= {topic["name"] for topic in control.ok("GET", "/v1/topics")}
    status, found = control.call("POST", "/v1/topics", {"name": "made"})
    assert (status, found["kafka_error"]) == (409, "TOPIC_ALREADY_EXISTS")
    control.ok("DELETE", "/v1/topics/made")
    assert control.refused("GET", "/v1/topics/made") == (404, "there is no topic 'made'; there are 'orders'")
    assert control.refused("DELETE", "/v1/topics/made")[0] == 404


def test_records_as_text_and_as_bytes(control: ControlClient) -> None:
    (text,) = control.ok(
        "POST",
        "/v1/topics/orders/records",
        {"key": "k", "value": "käse", "headers": [{"name": "trace", "value": "1"}, {"name": "none"}], "timestamp_ms": 5},
    )
    assert (text["key"], text["value"], text["value_base64"], text["timestamp_ms"]) == ("k", "käse", "a8Okc2U=", 5)
    assert [header["value"] for header in text["headers"]] == ["1", None]
    (raw,) = control.ok("POST", "/v1/topics/orders/records", {"value_base64": "/w==", "partition": 1})
    assert (raw["partition"], raw["value"], raw["value_base64"], raw["key_base64"]) == (1, None, "/w==", None)
    assert control.ok("GET", "/v1/topics/orders/records?partition=1") == [raw]
    assert len(control.ok("GET", "/v1/topics/orders/records?isolation=all")) == 2
    (tombstone,) = control.ok("POST", "/v1/topics/orders/records", {"key": "k"})
    assert tombstone["value_base64"] is None
    assert control.ok("GET", "/v1/topics/unknown/records") == []


def test_several_records_at_once(control: ControlClient) -> None:
    made = control.ok(
        "POST", "/v1/topics/orders/records", {"records": [{"value": "a", "partition": 0}, {"value": "b", "partition": 0}]}
    )
    assert [record["offset"] for record in made] == [0, 1]


def test_groups_with_slashes_in_their_names(control: ControlClient, kafka: Kafka) -> None:
    name = "a/b c"
    for index in range(2):
        wire = Wire(kafka.cluster, index)
        with wire.client:
            (found,) = wire.find(name)
            if found.node_id == index + 1:
                wire.commit(0, group=name)
    group = control.ok("GET", "/v1/groups/a/b%20c")
    assert (group["id"], group["state"], group["offsets"]) == (
        name,
        "Empty",
        [{"topic": "orders", "partition": 0, "offset": 0, "lag": 0}],
    )
    assert [group["id"] for group in control.ok("GET", "/v1/groups")] == [name]
    assert control.refused("GET", "/v1/groups/x") == (404, "there is no group 'x'; there are 'a/b c'")
    assert control.ok("POST", "/v1/waits/consumed", {"group": name}) == {}
    status, sentence = control.refused("POST", "/v1/waits/assignment", {"group": name, "timeout_s": 0.05})
    assert status == 408
    assert name in sentence


def test_transactions_and_producers(control: ControlClient) -> None:
    assert control.ok("GET", "/v1/transactions") == []
    assert control.ok("GET", "/v1/producers") == []
    assert control.refused("GET", "/v1/transactions/t") == (404, "there is no transactional id 't'; there are none")


# --- waits


def test_a_wait_ends_when_what_it_waits_for_comes(control: ControlClient) -> None:
    found: list[object] = []
    waiting = threading.Thread(
        target=lambda: found.append(
            control.ok("POST", "/v1/waits/records", {"topic": "orders", "where": {"contains": "wanted"}, "timeout_s": 30})
        )
    )
    waiting.start()
    control.ok("POST", "/v1/topics/orders/records", {"value": "other"})
    control.ok("POST", "/v1/topics/orders/records", {"value": "the wanted one"})
    waiting.join(30)
    assert [record["value"] for record in found[0]] == ["the wanted one"]  # type: ignore[attr-defined]


def test_a_wait_that_is_over_says_what_was_there(control: ControlClient) -> None:
    control.ok("POST", "/v1/topics/orders/records", {"value": "a"})
    status, sentence = control.refused("POST", "/v1/waits/records", {"topic": "orders", "count": 2, "timeout_s": 0.05})
    assert status == 408
    assert "1 record came" in sentence


@pytest.mark.parametrize(
    "where", [{"key": "k"}, {"value": "v"}, {"value_base64": "dg=="}, {"headers": {"h": "1"}}, {"partition": 0}]
)
def test_where(control: ControlClient, where: dict[str, object]) -> None:
    control.ok("POST", "/v1/topics/orders/records", {"value": "x", "partition": 1})
    made = control.ok(
        "POST",
        "/v1/topics/orders/records",
        {"key": "k", "value": "v", "partition": 0, "headers": [{"name": "h", "value": "1"}]},
    )
    assert control.ok("POST", "/v1/waits/records", {"topic": "orders", "where": where}) == made


# --- faults and requests


def metadata(kafka: Kafka, client_id: str = "app") -> int:
    with WireClient(kafka.bootstrap_servers.split(",")[0], client_id=client_id) as client:
        return client.call(MetadataRequest(topics=None), 9, MetadataResponse).topics[0].error_code


def test_a_fault_from_being_put_in_to_being_taken_out(control: ControlClient, kafka: Kafka) -> None:
    fault = control.ok(
        "POST", "/v1/faults", {"api": "Metadata", "what": "INVALID_TOPIC_EXCEPTION", "topic": "orders", "times": 2}
    )
    number = fault["id"]
    assert (fault["hits"], fault["is_in"], fault["must_fire"]) == (0, True, True)
    assert [each["id"] for each in control.ok("GET", "/v1/faults?unfired=true")] == [number]
    assert metadata(kafka) == 17
    (hit,) = control.ok("POST", "/v1/waits/fault", {"fault": number})
    assert (hit["api"], hit["client_id"], hit["broker"]) == ("Metadata", "app", 1)
    assert control.ok("GET", "/v1/faults?unfired=true") == []
    assert control.ok("GET", f"/v1/faults/{number}")["hits"] == 1
    status, sentence = control.refused("POST", "/v1/waits/fault", {"fault": number, "hits": 3, "timeout_s": 0.05})
    assert status == 408
    assert "1 hits" in sentence or "1 hit" in sentence
    control.ok("DELETE", f"/v1/faults/{number}")
    assert control.ok("GET", f"/v1/faults/{number}")["is_in"] is False
    assert metadata(kafka) == 0
    assert control.ok("GET", "/v1/faults") == []
    control.ok("POST", "/v1/reset")
    assert control.refused("GET", f"/v1/faults/{number}") == (404, f"there is no fault {number}; there are none")


def test_a_request_is_held_until_it_is_released(control: ControlClient, kafka: Kafka) -> None:
    number = control.ok("POST", "/v1/faults", {"api": ["Metadata"], "what": {"action": "hold"}, "client_id": "held"})["id"]
    codes: list[int] = []
    waiting = threading.Thread(target=lambda: codes.append(metadata(kafka, "held")))
    waiting.start()
    control.ok("POST", "/v1/waits/fault", {"fault": number})
    assert [each["api"] for each in control.ok("GET", "/v1/requests?under_way=true")["requests"]] == ["Metadata"]
    control.ok("POST", f"/v1/faults/{number}/release")
    waiting.join(30)
    assert codes == [0]
    control.ok("DELETE", "/v1/faults")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"action": "delay", "seconds": 0.5, "then": {"action": "disconnect"}}, "delay(0.5) then disconnect"),
        ({"action": "error", "error": "NOT_LEADER_OR_FOLLOWER", "message": "m"}, "NOT_LEADER_OR_FOLLOWER"),
        ({"action": "disconnect", "after_work": True}, "disconnect after work"),
        ({"action": "answer", "made": {"errorCode": 3}}, "answer"),
        ({"action": "throttle", "throttle_ms": 10}, "throttle(10)"),
        ({"action": "corrupt", "kind": "truncate"}, "corrupt"),
        ({"action": "blackhole"}, "blackhole"),
        (6, "NOT_LEADER_OR_FOLLOWER"),
    ],
)
def test_actions(control: ControlClient, what: object, said: str) -> None:
    assert control.ok("POST", "/v1/faults", {"api": "Produce", "what": what, "always": True, "must_fire": False})[
        "action"
    ].startswith(said)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"api": "Produce"}, "what is missing: "),
        ({"api": "Produc", "what": "X"}, re.escape("there is no API 'Produc' (did you mean 'Produce'?)")),
        ({"api": "Produce", "what": {"action": "explode"}}, "action is one of .*, not 'explode'"),
        ({"api": "Produce", "what": {"action": "delay"}}, "delay needs seconds"),
        ({"api": "Produce", "what": {"action": "hold", "seconds": 1}}, "hold takes .*, not 'seconds'"),
        ({"api": "Produce", "what": {"action": "delay", "seconds": 0}}, "seconds is a number of seconds above 0"),
        ({"api": 1, "what": "X"}, "api is the name of an API, an array of names, or"),
        ({"api": "Produce", "what": [1]}, "what is the name of an error, or an action"),
        ({"api": "Produce", "what": "NOPE"}, "NOPE"),
        ({"api": "Produce", "what": "NONE", "times": 0}, "times is a whole number from 1"),
        ({"api": "Produce", "what": "NONE", "topic": 1}, "topic is a text, not 1"),
        ({"api": "Produce", "what": "NONE", "times": True}, "times is a whole number, not True"),
        ({"api": "Produce", "what": "NONE", "topics": "x"}, re.escape("there is no argument 'topics' (did you mean 'topic'?)")),
    ],
)
def test_faults_that_are_none(control: ControlClient, body: object, sentence: str) -> None:
    status, said = control.refused("POST", "/v1/faults", body)
    assert status == 400
    assert re.search(sentence, said), said


def test_all_actions_can_be_named() -> None:
    assert {"error", "answer", "delay", "hold", "swallow", "disconnect", "throttle", "observe"} <= set(action_functions())


def test_what_clients_have_asked(control: ControlClient, kafka: Kafka) -> None:
    with WireClient(kafka.bootstrap_servers.split(",")[0], client_id="app") as client:
        client.call(ApiVersionsRequest(client_software_name="x", client_software_version="1"), 3, ApiVersionsResponse)
        client.call(MetadataRequest(topics=None), 9, MetadataResponse)
    found = control.ok("POST", "/v1/waits/request", {"api": "Metadata", "client_id": "app", "bodies": True})
    assert (found["api"], found["version"], found["end"], found["errors"]) == ("Metadata", 9, "answered", [])
    assert found["body"]["topics"] is None
    assert {topic["name"] for topic in found["answer"]["topics"]} == {"orders"}
    listed = control.ok("GET", "/v1/requests?client_id=app&last=1")
    assert (listed["count"], [each["api"] for each in listed["requests"]]) == (2, ["Metadata"])
    assert "body" not in listed["requests"][0]
    assert control.ok("GET", "/v1/requests?api=Fetch,Produce")["count"] == 0
    control.ok("DELETE", "/v1/requests")
    assert control.ok("GET", "/v1/requests")["count"] == 0
    status, sentence = control.refused("POST", "/v1/waits/request", {"api": "Fetch", "timeout_s": 0.05})
    assert (status, "no Fetch" in sentence) == (408, True)
    assert control.refused("GET", "/v1/requests?api=Fetsh")[0] == 400


def test_a_disk_that_goes_wrong(control: ControlClient) -> None:
    full = control.ok("POST", "/v1/disk-faults", {"kind": "full", "topic": "orders", "partition": 0})
    assert (full["fault"], full["hits"]) == ("<disk fault full of orders-0: 0 hits>", 0)
    status, found = control.call("POST", "/v1/topics/orders/records", {"value": "x", "partition": 0})
    assert (status, found["kafka_error"]) == (409, "KAFKA_STORAGE_ERROR")
    assert control.ok("POST", "/v1/waits/disk-fault", {"fault": full["id"]})["hits"] >= 1
    control.ok("POST", "/v1/topics/orders/records", {"value": "x", "partition": 1})
    control.ok("DELETE", f"/v1/disk-faults/{full['id']}")
    assert control.ok("GET", "/v1/disk-faults") == []
    control.ok("POST", "/v1/clock/advance", {"by_ms": 1000})
    control.ok("POST", "/v1/topics/orders/records", {"value": "x", "partition": 0})
    failing = control.ok("POST", "/v1/disk-faults", {"kind": "fail", "operation": ["sync"], "error": "EIO", "always": True})
    assert control.refused("POST", "/v1/waits/disk-fault", {"fault": failing["id"], "hits": 9, "timeout_s": 0.05})[0] == 408
    control.ok("DELETE", "/v1/disk-faults")
    assert control.refused("DELETE", "/v1/disk-faults/99") == (404, "there is no disk fault 99; there are none")
    slow = control.ok("POST", "/v1/disk-faults", {"kind": "slow", "by_s": 0.01, "topic": "orders"})
    assert [each["id"] for each in control.ok("GET", "/v1/faults")] == [slow["id"]]
    for body, said in (
        ({"kind": "broken"}, "kind is one of full, slow, fail, not 'broken'"),
        ({"kind": "fail", "error": "ENOPE"}, "error is the name of one of the system's errors"),
        ({"kind": "fail", "operation": "read"}, "a disk fails at one of"),
        ({"kind": "full", "partition": 1}, "partition is one of a topic, and goes with it"),
        ({"kind": "slow"}, "by_s"),
    ):
        status, sentence = control.refused("POST", "/v1/disk-faults", body)
        assert (status, said in sentence) == (400, True), sentence


# --- the cluster


def test_brokers_come_and_go(control: ControlClient) -> None:
    assert control.ok("POST", "/v1/brokers/2/kill")["is_running"] is False
    assert {partition["leader"] for partition in control.ok("GET", "/v1/topics/orders")["partitions"]} == {1}
    assert control.refused("POST", "/v1/brokers/2/stop")[0] == 409
    assert control.ok("POST", "/v1/brokers/2/start")["is_running"] is True
    assert control.ok("POST", "/v1/brokers/2/hide")["is_hidden"] is True
    assert control.ok("POST", "/v1/brokers/2/show")["is_hidden"] is False
    control.ok("POST", "/v1/brokers/2/slow", {"latency_s": 0.01})
    control.ok("POST", "/v1/brokers/2/slow", {"latency_s": 0})
    assert control.ok("POST", "/v1/brokers/2/set-rack", {"rack": "r"})["rack"] == "r"
    added = control.ok("POST", "/v1/brokers", {"rack": "west"})
    assert (added["id"], added["rack"]) == (3, "west")
    assert len(control.ok("GET", "/v1/brokers")) == 3
    control.ok("DELETE", "/v1/brokers/3")
    assert control.refused("GET", "/v1/brokers/3") == (404, "there is no broker 3; there are 1, 2")
    assert control.refused("POST", "/v1/brokers/1/explode")[0] == 404


def test_leaders_move(control: ControlClient) -> None:
    def partition() -> dict[str, object]:
        found: dict[str, object] = control.ok("GET", "/v1/topics/orders")["partitions"][0]
        return found

    control.ok("POST", "/v1/topology/move-leader", {"topic": "orders", "to": 2})
    assert partition()["leader"] == 2
    before = partition()["leader_epoch"]
    control.ok("POST", "/v1/topology/bump-epoch", {"topic": "orders"})
    assert partition()["leader_epoch"] == before + 1  # type: ignore[operator]
    control.ok("POST", "/v1/topology/no-leader", {"topic": "orders"})
    assert partition()["leader"] == -1
    control.ok("POST", "/v1/topology/elect", {"topic": "orders", "partition": 0})
    assert partition()["leader"] in (1, 2)
    assert control.ok("GET", "/v1/topology/controller") == {"broker": 1}
    control.ok("POST", "/v1/topology/move-controller", {"to": 2})
    assert control.ok("GET", "/v1/topology/controller") == {"broker": 2}
    assert control.ok("POST", "/v1/topology/coordinator", {"group": "g"})["broker"] in (-1, 1, 2)
    assert control.refused("POST", "/v1/topology/coordinator", {}) == (
        400,
        "a coordinator is a group's or a transactional id's: give one of both",
    )
    assert control.refused("POST", "/v1/topology/set-isr", {"topic": "orders", "isr": ["1"]})[0] == 400


def test_time_passes_when_it_is_told_to(control: ControlClient) -> None:
    before = control.ok("GET", "/v1/clock")["wall_ms"]
    assert control.ok("POST", "/v1/clock/advance", {"by_ms": 60_000, "keep_sessions": True})["wall_ms"] == before + 60_000
    assert control.refused("POST", "/v1/clock/advance", {"by_ms": -1})[0] == 400


def test_time_that_is_real_cannot_be_moved() -> None:
    with Kafka() as kafka, ControlServer(kafka) as server:
        status, sentence = ControlClient(server.url).refused("POST", "/v1/clock/advance", {"by_ms": 1})
    assert status == 400
    assert "real time" in sentence


def test_a_report_and_what_is_left_behind(control: ControlClient) -> None:
    assert "orders" in control.ok("GET", "/v1/report?requests=5")["report"]
    assert control.ok("GET", "/v1/leaks") == []


def test_reset(control: ControlClient) -> None:
    control.ok("POST", "/v1/topics", {"name": "more"})
    control.ok("POST", "/v1/topics/orders/records", {"value": "x"})
    control.ok("POST", "/v1/faults", {"api": "Produce", "what": "NOT_LEADER_OR_FOLLOWER"})
    control.ok("POST", "/v1/brokers/2/kill")
    control.ok("POST", "/v1/reset")
    assert [topic["name"] for topic in control.ok("GET", "/v1/topics")] == ["orders"]
    assert control.ok("GET", "/v1/topics/orders/records") == []
    assert control.ok("GET", "/v1/faults") == []
    assert [broker["is_running"] for broker in control.ok("GET", "/v1/brokers")] == [True, True]


# --- the document and the table


def test_the_document_has_every_verb(control: ControlClient) -> None:
    found = control.ok("GET", "/openapi.json")
    operations = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    }
    assert operations == {verb.name: (verb.method, verb.path.replace(":path}", "}")) for verb in VERBS}
    for verb in VERBS:
        of_path = set(re.findall(r"\{(\w+)(?::path)?\}", verb.path))
        assert of_path == {argument.name for argument in verb.arguments if argument.place == "path"}, verb.name
    body = found["paths"]["/v1/faults"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["api", "what"]
    with urllib.request.urlopen(f"{control.url}/") as answer:
        assert "/v1/waits/records" in answer.read().decode()


def test_a_body_is_a_json_object(control: ControlClient) -> None:
    path = "/v1/topics/orders/records"
    for raw, kind, said in (
        (b"[1]", "application/json", "the body is a JSON object, not list"),
        (b"{", "application/json", "the body is no JSON: "),
        (b"[" * 100_000, "application/json", "the body is no JSON: "),
        (b"{}", "text/plain", "the body is JSON, and the header Content-Type application/json, not 'text/plain'"),
        (b" " * (17 << 20), "application/json", "the body has more than "),
    ):
        status, found = control.call("POST", path, raw=raw, headers={"Content-Type": kind})
        assert (status, found["error"].startswith(said)) == (400, True), found


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"value": "a", "value_base64": "YQ=="}, "value and value_base64 exclude each other"),
        ({"value_base64": "?"}, "value_base64 is no base64"),
        ({"value": 1}, "value is a text"),
        ({"headers": [1]}, "a header is an object such as"),
        ({"partition": 99}, "99"),
        ({"records": [{"vlaue": "x"}]}, "a record has no 'vlaue'"),
        ({"records": [{"partition": "0"}]}, "partition is a whole number, not '0'"),
    ],
)
def test_records_that_are_none(control: ControlClient, body: object, said: str) -> None:
    _, sentence = control.refused("POST", "/v1/topics/orders/records", body)
    assert said in sentence


def test_query_and_path_are_checked(control: ControlClient) -> None:
    for path, said in (
        ("/v1/topics/orders/records?partition=x", "partition is a whole number, not 'x'"),
        ("/v1/topics/orders/records?isolation=x", "isolation is one of committed, uncommitted, all, not 'x'"),
        ("/v1/topics/orders/records?offset=1", "there is no argument 'offset' (there are topic, partition, isolation)"),
        ("/v1/brokers/one", "id is a whole number, not 'one'"),
        ("/v1/requests?bodies=1", "bodies is true or false, not '1'"),
        ("/v1/requests?last=-1", "last is a number from 0 to "),
    ):
        status, sentence = control.refused("GET", path)
        assert (status, sentence[: len(said)]) == (400, said)
    assert control.refused("GET", "/v2")[0] == 404
    assert control.refused("DELETE", "/v1/clock") == (405, "/v1/clock is not for DELETE; / lists what there is")
    assert control.refused("POST", "/v1/waits/records", {"topic": "orders", "timeout_s": 1e9})[0] == 400


# --- who may ask


def test_pages_of_other_sites_are_refused(control: ControlClient) -> None:
    assert control.call("GET", "/v1/cluster", headers={"Host": "evil.example:9645"})[0] == 403
    assert control.call("GET", "/v1/cluster", headers={"Origin": "https://evil.example"})[0] == 403
    for host in ("localhost", "localhost:1", "127.0.0.1:5", "[::1]:7"):
        assert control.call("GET", "/v1/cluster", headers={"Host": host})[0] == 200


def test_a_token_is_needed_where_one_is_set(kafka: Kafka) -> None:
    with ControlServer(kafka, token="secret") as server:
        for token in (None, "wrong", "secre"):
            status, found = ControlClient(server.url, token).call("GET", "/v1/cluster")
            assert (status, "Authorization" in found["error"]) == (401, True)
        assert ControlClient(server.url, "secret").ok("GET", "/v1/clock")["is_manual"] is True
        assert ControlClient(server.url, "secret").ok("GET", "/openapi.json")["security"] == [{"token": []}]


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "example.org"])
def test_others_are_let_in_with_a_token_only(kafka: Kafka, host: str) -> None:
    with pytest.raises(ValueError, match="can be reached by others: it needs a token"):
        ControlServer(kafka, host)


def test_stopping_does_not_wait_for_waits() -> None:
    with Kafka() as kafka:
        server = ControlServer(kafka)
        server.start()
        number = ControlClient(server.url).ok("POST", "/v1/faults", {"api": "Produce", "what": {"action": "hold"}})["id"]
        request = urllib.request.Request(
            f"{server.url}/v1/waits/fault",
            data=json.dumps({"fault": number, "timeout_s": 200}).encode(),
            headers={"Content-Type": "application/json"},
        )

        def ask() -> None:
            with pytest.raises((OSError, urllib.error.URLError)):
                urllib.request.urlopen(request, timeout=60)

        waiting = threading.Thread(target=ask)
        waiting.start()
        while not any(thread.name == "kafka-compat-control-verb" for thread in threading.enumerate()):
            pass
        server.stop()
        waiting.join(10)
        assert not waiting.is_alive()
