"""`python -m arvo.picture`."""

import sys

from arvo.picture.command import main

if __name__ == "__main__":
    sys.exit(main())
