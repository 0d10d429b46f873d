"""The verbs of the command line. stdout is data, stderr is talk; `main` is the way in, and the only one.

Each verb is a file that declares its options and calls `batchqual.composition`; what both need heavy packages
for is imported inside, so that `--help` stays quick.
"""

from .main import main

__all__ = ["main"]
