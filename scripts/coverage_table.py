"""Print what `scripts/coverage` measured, by folder, and fail where it is too little."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import coverage

TOTAL_FLOOR = 90.0
HANDLER_FLOOR = 80.0
HANDLERS = "kafka_compat/api/handlers"
_ROOT = Path(__file__).resolve().parent.parent


def measured() -> dict[str, tuple[int, int]]:
    """For each file: lines and branches that were taken, and how many there are."""
    found = coverage.Coverage(data_file=_ROOT / ".coverage", config_file=_ROOT / "pyproject.toml")
    found.load()
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        found.json_report(outfile=report.name)
        files = json.load(report)["files"]
    counted = {Path(name): one["summary"] for name, one in files.items()}
    return {
        (path.relative_to(_ROOT) if path.is_absolute() else path).as_posix(): (
            one["covered_lines"] + one["covered_branches"],
            one["num_statements"] + one["num_branches"],
        )
        for path, one in counted.items()
    }


def percent(taken: int, count: int) -> float:
    return 100.0 * taken / count if count else 100.0


def main() -> int:
    """Print the table; 1 when a floor is not reached."""
    files = measured()
    taken: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for name, (some, of_all) in files.items():
        folder = name.rpartition("/")[0]
        taken[folder] += some
        count[folder] += of_all
    for folder in sorted(count):
        print(f"{percent(taken[folder], count[folder]):6.1f} %  {folder}")
    handlers = {name: percent(*figures) for name, figures in files.items() if name.startswith(f"{HANDLERS}/")}
    print("The handlers that are covered least:")
    for name, share in sorted(handlers.items(), key=lambda item: item[1])[:5]:
        print(f"{share:6.1f} %  {name}")
    total = percent(taken.total(), count.total())
    print(f"{total:6.1f} %  in total")
    low = [f"{name} is below {HANDLER_FLOOR:.0f} %" for name, share in handlers.items() if share < HANDLER_FLOOR]
    if total < TOTAL_FLOOR:
        low.append(f"the total is below {TOTAL_FLOOR:.0f} %")
    for line in low:
        print(line, file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    raise SystemExit(main())
