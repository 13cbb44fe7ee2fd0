"""Write the generated part of kafka_compat/protocol from protocol_specs/; with --check, only say whether it is up to date."""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

from protocol_gen.messages import module_source
from protocol_gen.model import Schema, SpecError, parse_schema
from protocol_gen.naming import api_name, snake_case
from protocol_gen.tables import api_keys_source, error_codes_source, error_texts_source, registry_source

ROOT = Path(__file__).resolve().parent.parent
SPECS = ROOT / "protocol_specs"
TARGET = ROOT / "kafka_compat" / "protocol"
KIND_ORDER = {"request": 0, "response": 1, "coordinator-key": 0, "coordinator-value": 1}


def read_specs() -> list[Schema]:
    """All schemas, by component and name."""
    schemas: list[Schema] = []
    for path in sorted(SPECS.glob("*/*.json")):
        schema = parse_schema(json.loads(path.read_text()), path.parent.name)
        if schema.name != path.stem:
            raise SpecError(f"{path} holds {schema.name}")
        schemas.append(schema)
    names = [one.name for one in schemas]
    if len(set(names)) != len(names):
        raise SpecError("two schemas have the same name")
    return schemas


def module_of(schema: Schema) -> tuple[str, str]:
    """Package and stem of the module that holds the schema's classes, and what the module is about."""
    if schema.kind.startswith("coordinator"):
        stem = schema.name.removesuffix("Key").removesuffix("Value")
        return f"records.{snake_case(stem)}", f"Key and value of {stem} records of Kafka's {schema.component}."
    if schema.kind in ("request", "response"):
        name = api_name(schema.name)
        return f"messages.{snake_case(name)}", f"{name}, API key {schema.api_key}."
    return f"messages.{snake_case(schema.name)}", f"{schema.name}."


def generate() -> dict[Path, str]:
    """The text of each generated file."""
    schemas = read_specs()
    modules: dict[tuple[str, str], list[Schema]] = defaultdict(list)
    for schema in schemas:
        if not schema.valid.is_empty:
            modules[module_of(schema)].append(schema)
    files: dict[Path, str] = {}
    homes: dict[str, str] = {}
    for (name, title), members in modules.items():
        members.sort(key=lambda one: KIND_ORDER.get(one.kind, 0))
        path = TARGET / (name.replace(".", "/") + ".py")
        if path in files:
            raise SpecError(f"two modules are called {name}")
        files[path] = module_source(title, members)
        homes.update({one.name: name for one in members})
    requests = [one for one in schemas if one.kind == "request"]
    responses = {one.api_key: one for one in schemas if one.kind == "response" and one.api_key is not None}
    errors = [(one["code"], one["name"], one["retriable"]) for one in json.loads((SPECS / "errors.json").read_text())]
    files[TARGET / "api_keys.py"] = api_keys_source(requests, responses)
    files[TARGET / "error_codes.py"] = error_codes_source(errors)
    files[TARGET / "error_texts.py"] = error_texts_source(errors)
    files[TARGET / "registry.py"] = registry_source(homes, schemas)
    return files


def stale_files(files: dict[Path, str]) -> list[Path]:
    """Files whose text differs from what the generator writes, or that it does not write at all."""
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for package in ("messages", "records"):
        present = set((TARGET / package).glob("*.py")) - {TARGET / package / "__init__.py"}
        stale += present - set(files)
    return sorted(stale)


def main() -> int:
    """Write what changed, delete what is left over; 1 when --check finds something to do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail when a file is out of date")
    options = parser.parse_args()
    files = generate()
    stale = stale_files(files)
    for path in stale:
        if options.check:
            print(f"out of date: {path.relative_to(ROOT)}")
        elif path in files:
            path.write_text(files[path])
        else:
            path.unlink()
    if not options.check:
        print(f"{len(files)} files, {len(stale)} changed")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
