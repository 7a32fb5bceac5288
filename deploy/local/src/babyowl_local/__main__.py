"""`python -m babyowl_local …`; see `--help`."""

import sys

from babyowl_local.cli import main

if __name__ == "__main__":
    sys.exit(main())
