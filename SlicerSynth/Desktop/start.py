"""Start the window: `python SlicerSynth/Desktop [STUDY]`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1]
"""The folder of the module, `SlicerSynth`."""


def make_window(*, with_panel: bool = True) -> Any:
    """The window, not yet shown, with the module's panel or with views alone."""
    from .application.module_manager import load_module
    from .stand_in import install

    app = install()
    from .window.main_window import MainWindow

    source = FOLDER / "SlicerSynth.py"
    panel = None
    if with_panel:
        panel = load_module(app.moduleManager(), source).widgetRepresentation()

    def works() -> bool:
        current = panel.self().panel if panel is not None else None
        return current is not None and bool(current.logic.jobs)

    icon = FOLDER / "Resources" / "Icons" / "SlicerSynth.png"
    window = MainWindow(panel, icon, works=works)
    if panel is not None:
        panel.enter()
    return window


def _has_display() -> bool:
    """Whether a window can be shown: Qt would end the process without one."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main(arguments: list[str] | None = None) -> int:
    """Show the window until it is closed; the exit code."""
    parser = argparse.ArgumentParser(
        prog="run --desktop", description="SlicerSynth in a window of its own."
    )
    parser.add_argument("study", nargs="?", type=Path, help="DICOM folder, NIfTI, NRRD or MRB")
    options = parser.parse_args(arguments)
    if options.study is not None and not options.study.exists():
        print(f"Error: {options.study} was not found.", file=sys.stderr)
        return 2
    if not _has_display():
        print("Error: there is no display; start it on a desktop, or over ssh -X.", file=sys.stderr)
        return 2
    window = make_window()
    import slicer

    window.show()
    slicer.app._started()
    if options.study is not None:
        window.open(options.study)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once, as everywhere
    from PyQt5.QtWidgets import QApplication

    return int(QApplication.exec_())
