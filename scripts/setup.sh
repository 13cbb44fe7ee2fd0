#!/bin/sh
# Makes .venv with the package and, with arguments, its extras: scripts/setup.sh [dev,interop]. Sourced or run by the others.
set -eu
cd "$(dirname "$0")/.."
extras=${1:-}
stamp=.venv/.installed-${extras:-core}
sh scripts/setup_venv.sh .venv
if [ ! -f "$stamp" ] || [ pyproject.toml -nt "$stamp" ] || [ setup.py -nt "$stamp" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e ".${extras:+[$extras]}"
    touch "$stamp"
fi
