"""`kafka-compat serve --http`: where it says that it listens, and what is refused in one line."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_compat.web import extra
from kafka_compat.web.extra import MissingExtra, require
from tests.support.metric_samples import of
from tests.support.shell_processes import Served
from tests.web.served import get, get_json, scrape


def serve(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """One that does not start."""
    script = f"{code}\nimport sys\nfrom kafka_compat.cli.main import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", script, "serve", "--memory", "--listen", "127.0.0.1:0", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_banner_and_the_ready_file_say_where(tmp_path: Path) -> None:
    served = Served(tmp_path, "--http", "127.0.0.1:0", "--topic", "orders:2", memory=True)
    try:
        served.until_ready()
        url = json.loads(served.ready.read_text())["http"]
        assert f"http       {url}/metrics" in served.out.read_text()
        assert get_json(f"{url}/health/ready")[0] == 200
        assert "/metrics" in get(url)[1]
        assert of(scrape(url), "kafka_topic_partitions", topic="orders") == 2
        served.process.terminate()
        assert served.process.wait(10) == 0
        assert "rror" not in served.err.read_text()
        assert "uvicorn" not in served.err.read_text()
    finally:
        served.process.kill()
        served.process.wait()


def test_a_scrape_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    served = Served(tmp_path, "--http", "127.0.0.1:0", "--topic", "orders:2000", memory=True)
    try:
        served.until_ready()
        host, port = json.loads(served.ready.read_text())["http"].removeprefix("http://").rsplit(":", 1)
        with socket.create_connection((host, int(port))) as lazy:
            lazy.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            lazy.recv(1)
            served.process.terminate()
            assert served.process.wait(6) == 0
    finally:
        served.process.kill()
        served.process.wait()


@pytest.mark.parametrize("address", ["9644", "localhost", "localhost:99999"])
def test_what_is_no_address_is_refused(address: str) -> None:
    done = serve("--http", address)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(f"kafka-compat: --http {address}: expected HOST:PORT")


def test_an_address_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = serve("--http", f"127.0.0.1:{port}")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"kafka-compat: --http: cannot listen on 127.0.0.1:{port}: Address already in use"


def test_without_the_extra_it_says_what_to_install() -> None:
    code = "import kafka_compat.web.extra as extra; extra.find_spec = lambda name: None if name == 'uvicorn' else object()"
    done = serve("--http", "127.0.0.1:0", code=code)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "kafka-compat: --http needs uvicorn: pip install 'kafka-compat[http]'"


def test_all_of_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="--x needs prometheus_client, starlette, uvicorn, h11: pip install"):
        require("--x")
