from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_compat.cli.main import main
from kafka_compat.testing import Kafka


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    """Where admin may alter the cluster, and bob nothing."""
    with Kafka(users={"admin": "of-admin", "bob": "of-bob"}, acls=[], super_users=["admin"]) as started:
        yield started


@pytest.fixture
def as_admin(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("KAFKA_COMPAT_LOGIN_PASSWORD", "of-admin")
    return ["--bootstrap-server", kafka.bootstrap_servers, "--login", "admin"]


def test_users_come_and_go(
    kafka: Kafka, as_admin: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("of-carol\n"))
    assert main(["user", "add", "carol", *as_admin]) == 0
    assert capsys.readouterr().out == "carol is let in by SCRAM-SHA-256 and SCRAM-SHA-512; PLAIN does not know this password\n"
    monkeypatch.setenv("KAFKA_COMPAT_LOGIN_PASSWORD", "of-carol")
    assert main(["user", "list", *as_admin[:-1], "carol"]) == 1
    assert "CLUSTER_AUTHORIZATION_FAILED" in capsys.readouterr().err  # she is in, and may not
    monkeypatch.setenv("KAFKA_COMPAT_LOGIN_PASSWORD", "of-admin")
    monkeypatch.setenv("KAFKA_COMPAT_PASSWORD", "another")
    assert main(["user", "add", "carol", "--mechanism", "SCRAM-SHA-256", "--iterations", "8192", *as_admin]) == 0
    assert main(["user", "list", *as_admin]) == 0
    assert "carol  SCRAM-SHA-256 (8192 iterations), SCRAM-SHA-512 (4096 iterations)\n" in capsys.readouterr().out
    assert main(["user", "delete", "carol", *as_admin]) == 0
    assert kafka.users == ["admin", "bob"]
    assert main(["user", "delete", "carol", *as_admin]) == 1
    assert "there is no user carol" in capsys.readouterr().err


def test_kafkas_own_file_says_who_asks(kafka: Kafka, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "admin.properties"
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    for mechanism, user in (("SCRAM-SHA-256", "admin"), ("PLAIN", "bob")):
        config.write_text(
            f"security.protocol=SASL_PLAINTEXT\nsasl.mechanism={mechanism}\n"
            f'sasl.jaas.config={module} required username="{user}" password="of-{user}";\n'
        )
        asked = ["user", "list", "--bootstrap-server", kafka.bootstrap_servers, "--command-config", str(config)]
        if user == "admin":
            assert main(asked) == 0
            assert capsys.readouterr().out.startswith("admin  SCRAM-SHA-256 (4096 iterations)")
        else:
            assert main(asked) == 1
            assert "CLUSTER_AUTHORIZATION_FAILED" in capsys.readouterr().err


def test_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KAFKA_COMPAT_LOGIN_PASSWORD", "of-admin")
    with Kafka(users={"admin": "of-admin"}, tls=True) as kafka:
        trusted = tmp_path / "ca.pem"
        trusted.write_text(kafka.config("java")["ssl.truststore.certificates"])
        where = ["--bootstrap-server", kafka.bootstrap_servers, "--login", "admin"]
        assert main(["user", "list", *where, "--tls-ca", str(trusted)]) == 0
        assert capsys.readouterr().out.startswith("admin  ")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["list", "--bootstrap-server", "nowhere"], 2, "--bootstrap-server nowhere: expected HOST:PORT"),
        (["add", "x", "--iterations", "1"], 2, "--iterations 1: 4096 to 16384, as in Kafka"),
        (["list", "--login", "a", "--command-config", "f"], 2, "--command-config says all of --login and --tls-ca"),
        (["list", "--command-config", "/nowhere"], 2, "/nowhere"),
        (["list", "--bootstrap-server", "127.0.0.1:1"], 1, "no broker can be reached"),
    ],
)
def test_what_it_refuses(arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", *arguments]) == code
    assert said in capsys.readouterr().err


def test_a_wrong_password_is_said(
    as_admin: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_COMPAT_LOGIN_PASSWORD", "wrong")
    assert main(["user", "list", *as_admin]) == 1
    said = capsys.readouterr().err
    assert "does not let admin in: Authentication failed during authentication due to invalid credentials" in said
    assert "wrong" not in said
