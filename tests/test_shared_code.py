"""Who imports whom outside of the package, where import-linter does not look.

`tests/support/` is for what more than one folder needs; all else is known in its own folder only. Nobody imports a test module
or a conftest: what is shared moves out of them. And `.[dev]` is enough to collect all tests.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("kafka_compat", "tests", "interop_tests", "scripts")

# Scripts that tests play a short round of, or whose output they check.
UNDER_TEST = {
    "tests.plugin.test_wheel_project": "scripts.soak_support",
    "tests.server.test_crash": "scripts.soak_support",
    "tests.stress.test_fuzz": "scripts.soak_support",
    "tests.stress.test_fuzz_sasl": "scripts.soak_support",
    "tests.stress.test_hostile_valid": "scripts.soak_support",
    "tests.test_docs_tables": "scripts.docs_tables",
    "tests.test_kips": "scripts.docs_tables",
}
# Not private to a script: it is the command, and the one place that knows how Apache Kafka is fetched and started.
REFERENCE = "scripts.reference_broker"


class Import(NamedTuple):
    """One imported module.

    Attributes:
        line: where.
        module: its name; of `from package import module`, the module.
        is_eager: it happens when the importing module is imported.
    """

    line: int
    module: str
    is_eager: bool


class Module(NamedTuple):
    """A module, what it imports, and the packages without which it is skipped, with the lines that ask for them."""

    name: str
    imports: list[Import]
    asked_for: dict[str, int]


def path_of(name: str) -> Path | None:
    """The file of one of our modules."""
    base = ROOT.joinpath(*name.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.exists()), None)


def statements(node: ast.AST, *, is_eager: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """All statements below `node`, and whether an import of the module runs them."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child, is_eager
        inner_is_eager = is_eager and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            inner_is_eager = False
        yield from statements(child, is_eager=inner_is_eager)


def read(path: Path) -> Module:
    """A file of ours; all imports are absolute."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    imports: list[Import] = []
    asked_for: dict[str, int] = {}
    for statement, is_eager in statements(ast.parse(path.read_text(), str(path))):
        match statement:
            case ast.Import(names=names):
                imports += [Import(statement.lineno, alias.name, is_eager) for alias in names]
            case ast.ImportFrom(module=str(package), level=0, names=names):
                for alias in names:
                    inner = f"{package}.{alias.name}"
                    is_module = package.split(".")[0] in OURS and path_of(inner) is not None
                    imports.append(Import(statement.lineno, inner if is_module else package, is_eager))
            case ast.ImportFrom():
                raise AssertionError(f"{path}:{statement.lineno}: relative")
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="importorskip"), args=[ast.Constant(value=str(asked)), *_])):
                if is_eager:
                    asked_for[asked] = statement.lineno
    return Module(name, imports, asked_for)


def modules(*trees: str) -> list[Module]:
    return [read(path) for tree in trees for path in sorted((ROOT / tree).rglob("*.py")) if "node_modules" not in path.parts]


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def may_import(importer: str, imported: str) -> bool:
    """The rule, of modules outside of the package."""
    tree = imported.split(".")[0]
    last = imported.split(".")[-1]
    if last == "conftest" or last.startswith("test_"):
        return False
    if tree == "kafka_compat" or (tree not in OURS):
        return True
    if importer.split(".")[0] == "kafka_compat":
        return False
    if tree == "tests":
        return is_within(imported, "tests.support") or (
            importer.startswith("tests.") and importer.split(".")[1] == imported.split(".")[1]
        )
    if tree == "scripts":
        under_test = UNDER_TEST.get(importer)
        return (
            importer.startswith("scripts.")
            or imported == REFERENCE
            or (under_test is not None and is_within(imported, under_test))
        )
    return importer.split(".")[0] == tree


def test_modules_import_only_what_they_may() -> None:
    wrong = [
        f"{module.name}:{found.line} imports {found.module}"
        for module in modules(*OURS)
        for found in module.imports
        if not may_import(module.name, found.module)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("importer", "imported", "is_allowed"),
    [
        ("tests.log.test_manager", "tests.support.log_worlds", True),
        ("tests.conformance.test_topics", "tests.conformance.both", True),
        ("tests.conformance.test_topics", "tests.conformance.conftest", False),
        ("tests.storage.test_unread", "tests.storage.test_contract", False),
        ("tests.log.test_manager", "tests.storage.worlds", False),
        ("tests.support.load", "tests.log.worlds", False),
        ("tests.support.brokers", "scripts.reference_broker", True),
        ("tests.support.brokers", "scripts.soak_support.kill", False),
        ("tests.server.test_crash", "scripts.soak_support.kill", True),
        ("scripts.soak_support.kill", "tests.support.processes", True),
        ("scripts.soak_support.kill", "tests.coordinator.classic_world", False),
        ("kafka_compat.testing.cluster", "tests.support.wire_client", False),
        ("interop_tests.java.client", "interop_tests.clients", True),
        ("tests.server.test_crash", "interop_tests.clients", False),
    ],
)
def test_the_rule(importer: str, imported: str, *, is_allowed: bool) -> None:
    assert may_import(importer, imported) is is_allowed


def plain_name(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def required(extra: str | None) -> set[str]:
    """The distributions that the package names, with those of an extra and of the extras that it takes in."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + (project["optional-dependencies"][extra] if extra else [])
    names = {plain_name(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in lines}
    for line in lines:
        if inner := re.fullmatch(r"kafka_compat\[(\w+)\]", line):
            names |= required(inner[1])
    return names


def test_the_dev_extra_is_enough_to_collect_all_tests() -> None:
    """A module whose tests need more says so with `importorskip` before it imports it, or what imports it."""
    distributions = packages_distributions()
    enough = required("dev")

    def is_there(module: str) -> bool:
        top = module.split(".")[0]
        return (
            top in sys.stdlib_module_names
            or top in OURS
            or any(plain_name(distribution) in enough for distribution in distributions.get(top, ()))
        )

    known: dict[str, Module] = {}
    wrong = []
    for module in modules("tests"):
        seen, left = {module.name}, [(found.module, found.line) for found in module.imports if found.is_eager]
        while left:
            name, line = left.pop()
            top = name.split(".")[0]
            if not is_there(name) and module.asked_for.get(top, sys.maxsize) > line:
                wrong.append(f"{module.name}:{line} needs {name}")
            path = path_of(name) if top in ("tests", "scripts") else None
            if path is None or name in seen:
                continue
            seen.add(name)
            if name not in known:
                known[name] = read(path)
            left += [(found.module, line) for found in known[name].imports if found.is_eager]
    assert not wrong, "\n".join(wrong)
