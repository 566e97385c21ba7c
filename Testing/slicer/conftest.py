"""The module's own folder on the path, as Slicer has it, and the fixtures of its tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "SlicerSynth"))

from Testing.slicer.client_fixtures import a_bench  # noqa: F401 (so are fixtures)
from Testing.slicer.logic_fixtures import a_logic  # noqa: F401
from Testing.slicer.mrml_fixtures import *  # noqa: F403 (fixtures are found by their names)
from Testing.slicer.panel_fixtures import a_panel  # noqa: F401
from Testing.slicer.window_fixtures import own_settings  # noqa: F401
