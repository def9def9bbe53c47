"""`python -m core.cli`: the command line by itself."""

import sys

from core.cli.main import main

sys.exit(main())
