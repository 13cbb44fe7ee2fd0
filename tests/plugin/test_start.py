"""What the plugin costs those who do not use it: what a pytest run imports, counted, as time depends on the machine."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.plugin.projects import Project, said

pytest_plugins = ["pytester"]

# pytest has imported it before; see NEVER in tests/test_start.py for what is slow elsewhere.
ALLOWED = {"kafka_compat", "kafka_compat.pytest_plugin"}


def test_nothing_of_the_broker_is_imported(project: Project) -> None:
    result = project.run_alone(
        """
        import sys

        def test_it(request):
            print("loaded", *sorted(name for name in sys.modules if name.startswith("kafka_compat")))
            assert request.config.pluginmanager.has_plugin("kafka_compat")
        """,
        "-s",
    )
    result.assert_outcomes(passed=1)
    (line,) = [line for line in result.outlines if "loaded" in line]
    assert set(line.split("loaded ")[1].rstrip(".").split()) == ALLOWED


def test_the_module_imports_nothing_that_pytest_has_not_imported() -> None:
    code = """
import json, sys
import pytest
before = set(sys.modules)
import kafka_compat.pytest_plugin
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert set(json.loads(done.stdout)) == ALLOWED


def test_the_brokers_are_imported_without_pytests_rewriting_of_asserts(project: Project) -> None:
    result = project.run_alone(
        """
        from _pytest.assertion.rewrite import AssertionRewritingHook

        def test_it(kafka):
            import kafka_compat.server.broker
            assert not isinstance(kafka_compat.server.broker.__loader__, AssertionRewritingHook)
        """
    )
    result.assert_outcomes(passed=1)


def test_no_uvloop(project: Project) -> None:
    result = project.run_alone(
        """
        import sys

        sys.modules["uvloop"] = None

        def test_it(kafka):
            kafka.produce("t", b"x")
            assert len(kafka.wait_for_records("t")) == 1
        """
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("arguments", [["-p", "no:terminal"], ["-p", "no:assertion"], ["--assert=plain"]])
def test_runs_without_parts_of_pytest(project: Project, arguments: list[str]) -> None:
    result = project.run_alone("def test_it(kafka): kafka.produce('t', b'x')", *arguments)
    assert result.ret == 0, said(result)
