"""``python -m batchqual`` is the same program as ``batchqual``."""

import sys

from batchqual.cli import main

if __name__ == "__main__":
    sys.exit(main())
