"""Where the program `synthcore` starts: an interrupt ends it quietly while it still loads."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        from SynthCore.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("Error: Cancelled; nothing was done.\n")
        return 130
