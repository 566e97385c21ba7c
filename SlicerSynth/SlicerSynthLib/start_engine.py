"""Start the engine that came with this module, in whatever Python runs this file.

    python -P start_engine.py [--packages FOLDER] worker

So the engine is always of the module's own version, and an environment for it holds nothing but
the packages that SynthCore needs. ``--packages`` names a folder of such packages that go before
those of the Python itself. ``-P`` keeps this file's folder out of the engine's imports.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Run the command line of the SynthCore that lies nearest above this file."""
    here = Path(__file__).resolve()
    root = next(p for p in here.parents if (p / "SynthCore" / "__init__.py").is_file())
    if sys.argv[1:2] == ["--packages"]:
        sys.path.insert(0, sys.argv[2])
        del sys.argv[1:3]
    sys.path.insert(0, str(root))
    from SynthCore.cli.main import main as synthcore

    synthcore()


if __name__ == "__main__":
    main()
