"""Recreate protocol_specs/ from the schemas inside Apache Kafka's jars.

Only facts are kept (names, types, versions, tags, defaults and so on), in a normal form; prose and comments are dropped.
The jars are pinned by sha256 in protocol_specs/SOURCE. They are taken from a directory (--jars), from Maven when `mvn` is on
the PATH, or from a repository with Maven's layout (--repository-url or MAVEN_REPOSITORY_URL).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from protocol_gen.model import Schema, parse_schema

ROOT = Path(__file__).resolve().parent.parent
SPECS = ROOT / "protocol_specs"
SOURCE = SPECS / "SOURCE"
SCHEMA_FOLDER = "common/message/"


class PinError(Exception):
    """A jar is not the pinned one."""


def read_pins() -> list[tuple[str, str]]:
    """(`group:artifact:version`, sha256) of each jar in SOURCE."""
    pins: list[tuple[str, str]] = []
    for line in SOURCE.read_text().splitlines():
        if line and not line.startswith("#"):
            coordinates, digest = line.split()
            pins.append((coordinates, digest))
    return pins


def find_jar(coordinates: str, jars: Path | None, repository_url: str | None, folder: Path) -> Path:
    """The jar of `coordinates`: from `jars`, by Maven, or downloaded into `folder`."""
    group, artifact, version = coordinates.split(":")
    name = f"{artifact}-{version}.jar"
    if jars is not None:
        return jars / name
    maven = shutil.which("mvn")
    if repository_url is None and maven is not None:
        command = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={coordinates}", f"-DoutputDirectory={folder}"]
        subprocess.run(command, check=True)
        return folder / name
    if repository_url is None:
        sys.exit("no mvn on the PATH: give --jars or --repository-url (or set MAVEN_REPOSITORY_URL)")
    url = f"{repository_url.rstrip('/')}/{group.replace('.', '/')}/{artifact}/{version}/{name}"
    with urllib.request.urlopen(url) as response, (folder / name).open("wb") as target:
        shutil.copyfileobj(response, target)
    return folder / name


def read_schemas(jar: Path, digest: str) -> list[Schema]:
    """The schemas in `jar`, after a look at its sha256."""
    found = hashlib.sha256(jar.read_bytes()).hexdigest()
    if found != digest:
        raise PinError(f"{jar.name}: sha256 is {found}, pinned is {digest}")
    schemas: list[Schema] = []
    with zipfile.ZipFile(jar) as archive:
        for name in sorted(archive.namelist()):
            if name.startswith(SCHEMA_FOLDER) and name.endswith(".json"):
                text = re.sub(r"^\s*//.*$", "", archive.read(name).decode(), flags=re.MULTILINE)
                schemas.append(parse_schema(json.loads(text), component_of(jar)))
    return schemas


def component_of(jar: Path) -> str:
    """`kafka-group-coordinator-4.3.1.jar` gives `group-coordinator`."""
    return jar.name.removeprefix("kafka-").rsplit("-", 1)[0]


def main() -> None:
    """Write protocol_specs/ anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jars", type=Path, help="a directory that holds the jars")
    parser.add_argument("--repository-url", default=os.environ.get("MAVEN_REPOSITORY_URL"), help="base URL of a repository")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        schemas: list[Schema] = []
        for coordinates, digest in read_pins():
            jar = find_jar(coordinates, options.jars, options.repository_url, Path(scratch))
            schemas += read_schemas(jar, digest)
    for old in SPECS.glob("*/*.json"):
        old.unlink()
    for schema in schemas:
        path = SPECS / schema.component / f"{schema.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schema.to_json())
    print(f"{len(schemas)} schemas written")


if __name__ == "__main__":
    main()
