"""The script that writes the docs' tables, and that docs/configs.md is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.docs_tables import ROOT, TABLES, main, render


@pytest.mark.parametrize("page", ["configs.md", "control-plane.md"])
def test_tables_are_up_to_date(page: str) -> None:
    assert main(["--check", str(ROOT / "docs" / page)]) == 0, "run scripts/docs_tables.py"


def test_check_changes_nothing_and_writing_is_done_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    stale = "before\n<!-- table:apis -->\nold\n<!-- end -->\nafter\n"
    page.write_text(stale)
    assert main(["--check", str(page)]) == 1
    assert page.read_text() == stale
    assert main([str(page)]) == 0
    assert main(["--check", str(page)]) == 0
    written = page.read_text()
    assert written.startswith("before\n<!-- table:apis -->\n\n| Key |")
    assert written.endswith("|\n\n<!-- end -->\nafter\n")
    assert "old" not in written
    assert "up to date" in capsys.readouterr().err


def test_text_without_markers_stays_as_it_is() -> None:
    assert render("nothing <!-- end --> here") == "nothing <!-- end --> here"


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("<!-- table:nonsense -->\n<!-- end -->")


def test_every_api_of_a_broker_is_in_the_table() -> None:
    rows = [line for line in TABLES["apis"]().splitlines() if line.startswith("| ")][2:]
    # The 75 that a broker lists and the two of client telemetry.
    assert len(rows) == 77
    assert "| 32 | DescribeConfigs | 1-4 | 1-4 |" in rows
