"""`python -m kafka_compat` is `kafka-compat`."""

from __future__ import annotations

import sys

from kafka_compat.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
