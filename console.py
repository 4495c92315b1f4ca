"""The way in: `python console.py <words>`. The folder that this file lies in is the installation."""

import sys
from pathlib import Path

PLACE = Path(__file__).absolute().parent
# A link on the way here may lead to another release while this process goes on: it keeps to the one that it began with.
sys.path.insert(0, str(PLACE.resolve()))

from core.__main__ import main  # noqa: E402 - now it is known from where

if __name__ == "__main__":
    sys.exit(main([str(PLACE), *sys.argv[1:]]))
