"""Schemas are read strictly and kept as facts only."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = ROOT / "scripts"

SCHEMA = """// A licence.
{
  "name": "PingRequest", "type": "request", "apiKey": 999, "validVersions": "0-1", "flexibleVersions": "1+",
  "listeners": ["broker"],
  "fields": [
    // What it is about.
    { "name": "Topics", "type": "[]Topic", "versions": "0+", "about": "Prose.", "fields": [
      { "name": "Name", "type": "string", "versions": "0+", "mapKey": true, "entityType": "topicName", "about": "More." }
    ]},
    { "name": "Note", "type": "string", "versions": "1+", "nullableVersions": "1+", "taggedVersions": "1+", "tag": 0,
      "default": "null", "about": "Prose." }
  ]
}
"""


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=SCRIPTS)


def test_all_kept_schemas_are_in_their_normal_form() -> None:
    done = run_python(
        "import json, pathlib\n"
        "from protocol_gen.model import parse_schema\n"
        "paths = list(pathlib.Path('../protocol_specs').glob('*/*.json'))\n"
        "assert len(paths) == 248\n"
        "for path in paths:\n"
        "    text = path.read_text()\n"
        "    assert parse_schema(json.loads(text), path.parent.name).to_json() == text, path\n"
    )
    assert done.returncode == 0, done.stderr


def test_no_prose_is_kept() -> None:
    for path in (ROOT / "protocol_specs").glob("*/*.json"):
        text = path.read_text()
        assert '"about"' not in text
        assert "//" not in text


def test_schemas_come_out_of_a_jar_with_the_pinned_digest(tmp_path: Path) -> None:
    jar = tmp_path / "kafka-clients-4.3.1.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("common/message/PingRequest.json", SCHEMA)
        archive.writestr("common/message/Ping.class", "x")
    digest = hashlib.sha256(jar.read_bytes()).hexdigest()
    read = f"from fetch_specs import *\nfor one in read_schemas(Path({str(jar)!r}), '%s'): print(one.component, one.to_json())"
    done = run_python(read % digest)
    component, _, text = done.stdout.partition(" ")
    assert component == "clients", done.stderr
    kept = json.loads(text)
    assert kept["fields"][1] == {
        "name": "Note",
        "type": "string",
        "versions": "1+",
        "nullableVersions": "1+",
        "taggedVersions": "1+",
        "tag": 0,
        "default": "null",
    }
    assert "Prose" not in text
    assert "PinError" in run_python(read % ("0" * 64)).stderr


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('"mapKey"', '"mapkey"', "unknown keys ['mapkey']"),
        ('"apiKey"', '"apiNumber"', "unknown keys ['apiNumber']"),
        ('"type": "string", "versions": "1+"', '"type": "varchar", "versions": "1+"', "type 'varchar'"),
        ('"versions": "0+", "mapKey"', '"versions": "0~2", "mapKey"', "versions '0~2'"),
        ('"[]Topic"', '"[]string"', "Topics: type 'string'"),
        ('"tag": 0,', "", "go together"),
    ],
)
def test_what_the_model_does_not_know_is_an_error(old: str, new: str, error: str) -> None:
    lines = [line for line in SCHEMA.splitlines() if not line.strip().startswith("//")]
    text = "\n".join(lines)
    assert old in text
    code = f"import json\nfrom protocol_gen.model import *\nparse_schema(json.loads({text.replace(old, new)!r}), 'x')"
    done = run_python(code)
    assert "SpecError" in done.stderr
    assert error in done.stderr
