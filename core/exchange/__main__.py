"""`python -m core.exchange`: the embedded exchange by itself."""

import argparse
import sys

from core.exchange.main import add_arguments, run

parser = argparse.ArgumentParser(prog="python -m core.exchange", description=__doc__)
add_arguments(parser)
sys.exit(run(parser.parse_args()))
