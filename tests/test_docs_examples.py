"""The Python blocks of the pages about testing run as they stand, as the files of a project that uses the pytest plugin.

A block whose first line is a comment with a file name is that file, for the blocks after it too; one with tests in it and no
name is a file of its own; any other is run as a script. Blocks of one page are one project.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = ("testing-tutorial.md", "testing-howto.md", "authorization.md")
# kafka-python reads its schemas with an API of importlib.resources that Python has deprecated; it happens on import.
INI = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings =
    error
    ignore:(read_text|open_text|contents) is deprecated:DeprecationWarning
"""


def blocks(page: str) -> list[tuple[str, str]]:
    """File name and code of each block; of those without a name it is where they are."""
    text = (DOCS / page).read_text()
    found = []
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        code = match[1]
        line = text[: match.start()].count("\n") + 1
        named = re.match(r"# (\w+\.py)\n", code)
        kind = "test" if re.search(r"^\s*(async )?def test_", code, re.MULTILINE) else "script"
        found.append((named[1] if named else f"{kind}_line_{line}.py", code))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run(page: str, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(INI)
    files = blocks(page)
    for name, code in files:
        (tmp_path / name).write_text(code)
    for name, _ in files:
        if name.startswith("script"):
            done = subprocess.run([sys.executable, name], cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{page}, {name}:\n{done.stdout}{done.stderr}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--timeout", "120"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{page}:\n{done.stdout}{done.stderr}"
    assert "skipped" not in done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert target.startswith("https://") or (DOCS / target).exists(), target
