#!/bin/sh
# Makes the virtual environment $1 with ${PYTHON:-python3}, or leaves it as it is: scripts/setup_venv.sh .venv
# An environment that cannot be used would be found by the next run and fail again, so none is left behind.
set -eu
venv=$1
python=${PYTHON:-python3}
version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

if [ -x "$venv/bin/python" ] && { [ -z "${PYTHON:-}" ] || [ "$(version "$PYTHON")" = "$(version "$venv/bin/python")" ]; }; then
    exit 0
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "kafka-compat: $python is not Python 3.11 or later; name one that is, such as PYTHON=python3.13" >&2
    exit 1
fi
if ! "$python" -m venv --clear "$venv"; then
    rm -rf "$venv"
    exit 1
fi
