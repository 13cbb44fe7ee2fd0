"""What tests that measure memory have to allow for."""

from typing import Final

# Clusters of other tests live on in threads of this process, and allocate too.
OTHERS_BYTES: Final = 500_000
