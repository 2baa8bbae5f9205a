"""The bench: owrd and its peers in one run. scripts/bench.sh starts it; what it prints is explained there."""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# The system tests know how to drive owrd's programs.
sys.path.insert(0, str(PROJECT / "tests/system"))
