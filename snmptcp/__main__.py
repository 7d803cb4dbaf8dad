"""``python -m snmptcp`` runs the command ``snmptcp``."""

import sys

from snmptcp.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
