"""The way in: `python console.py <words>`. The folder that this file lies in is the installation."""

import sys
from pathlib import Path

from core.__main__ import main

if __name__ == "__main__":
    sys.exit(main([str(Path(__file__).parent.resolve()), *sys.argv[1:]]))
