#!/usr/bin/env python
"""Writes the tables of the docs from the code: `docs_tables.py [--check] [FILE ...]`.

In each file the lines between `<!-- table:NAME -->` and the next `<!-- end -->` are replaced. The tables:

    apis             every API that a broker of Apache Kafka 4.3.1 answers, with Kafka's versions and ours
    control          every verb of the control plane
    configs          how many configs of each scope act, and how many are accepted without effect
    kips             the proposals of `docs/kips.toml`
    configs:SCOPE    every config of a scope: broker, topic, group, client-metrics

Without files: every Markdown file of the repository's root and `docs/`. `--check` changes nothing and ends with exit code 1
when a table is not up to date.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kafka_compat.api.table import HANDLERS  # noqa: E402 (the path comes first)
from kafka_compat.config.key import ConfigKey, Scope, UpdateMode  # noqa: E402
from kafka_compat.config.table import CONFIGS  # noqa: E402
from kafka_compat.protocol.api_keys import API_VERSIONS, ApiKey  # noqa: E402
from kafka_compat.web.control.verbs import VERBS  # noqa: E402

_REGION: Final = re.compile(r"(<!-- table:(?P<name>[\w:-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def render(text: str) -> str:
    """`text` with every table written anew.

    Raises:
        KeyError: a marker names a table that is none.
    """
    return _REGION.sub(lambda found: f"{found[1]}\n{TABLES[found['name']]()}\n{found[3]}", text)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _apis() -> str:
    rows = []
    for key in ApiKey:
        kafka = API_VERSIONS[key]
        if "broker" not in kafka.listeners or kafka.max_stable_version < kafka.min_version:
            continue  # between Kafka's own nodes, or gone
        ours = HANDLERS.get(int(key))
        here = "-" if ours is None else _range(ours.min_version, ours.max_version)
        rows.append((str(int(key)), _api_name(key), _range(kafka.min_version, kafka.max_stable_version), here))
    return _table(("Key", "API", "Apache Kafka 4.3.1", "here"), rows)


def _api_name(key: ApiKey) -> str:
    return "".join(word.capitalize() for word in key.name.split("_"))


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _control() -> str:
    rows = []
    for verb in VERBS:
        arguments = [argument for argument in verb.arguments if argument.place != "path"]
        names = ", ".join(f"**{each.name}**" if each.is_required else each.name for each in arguments)
        rows.append((f"`{verb.method} {verb.path.replace(':path}', '}')}`", verb.text, names))
    return _table(("Verb", "What it does", "Arguments (those in bold have to be there)"), rows)


def read_kips() -> dict[int, dict[str, Any]]:
    """The proposals by number: `title` and `here`, and maybe `where` and `note`."""
    return {int(number): kip for number, kip in tomllib.loads((ROOT / "docs" / "kips.toml").read_text("utf-8")).items()}


def _kips() -> str:
    rows = [
        (str(number), kip["title"], kip["here"], ", ".join(f"`{name}`" for name in kip.get("where", ())), kip.get("note", ""))
        for number, kip in sorted(read_kips().items())
    ]
    return _table(("KIP", "What it is about", "Here", "Where", "Note"), rows)


def _config_counts() -> str:
    rows = []
    for scope, configs in CONFIGS.items():
        acting = sum(key.acts for key in configs.values())
        rows.append((scope.value, str(len(configs)), str(acting), str(len(configs) - acting)))
    return _table(("Scope", "Configs", "act", "accepted, without effect"), rows)


def _config_table(scope: Scope) -> Callable[[], str]:
    def make() -> str:
        keys = CONFIGS[scope].values()
        header = ["Config", "Type", "Default", "Acts", "What it does"]
        if scope is Scope.BROKER:
            header.insert(3, "Changes while running")
        return _table(header, (_config_row(key) for key in keys))

    return make


def _config_row(key: ConfigKey) -> list[str]:
    row = [
        f"`{key.name}`",
        key.type.name.lower(),
        _default(key),
        "yes" if key.acts else "",
        key.documentation if key.acts else "",
    ]
    if key.scope is Scope.BROKER:
        row.insert(3, "" if key.update_mode is UpdateMode.READ_ONLY else key.update_mode.value)
    return row


def _default(key: ConfigKey) -> str:
    if key.default is None:
        return "required" if key.required else ""
    return f"`{key.default}`" if key.default else '`""`'


TABLES: Final[dict[str, Callable[[], str]]] = {
    "apis": _apis,
    "control": _control,
    "kips": _kips,
    "configs": _config_counts,
    **{f"configs:{scope.value}": _config_table(scope) for scope in Scope},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description="Write the tables of the docs from the code.")
    parser.add_argument("--check", action="store_true", help="change nothing, fail when something would change")
    parser.add_argument("files", nargs="*", type=Path, help="Markdown files (default: those of the root and docs/)")
    options = parser.parse_args(arguments)
    files = options.files or sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    stale = 0
    for path in files:
        before = path.read_text(encoding="utf-8")
        after = render(before)
        if after == before:
            continue
        stale += 1
        if options.check:
            print(f"{path}: tables are not up to date, run scripts/docs_tables.py", file=sys.stderr)
        else:
            path.write_text(after, encoding="utf-8")
            print(f"{path}: written")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
