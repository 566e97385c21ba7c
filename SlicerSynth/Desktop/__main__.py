"""Run the folder: the module's folder comes onto the path, as in Slicer."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[:1] = [str(Path(__file__).resolve().parents[1])]
    from Desktop.start import main

    sys.exit(main())
