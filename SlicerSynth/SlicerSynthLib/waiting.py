"""Wait for a program without freezing the application: its windows stay alive meanwhile."""

from __future__ import annotations

import time
from collections.abc import Mapping

import qt
import slicer

from SlicerSynthLib.install import Step
from SlicerSynthLib.steps import Steps
from SynthCore.errors import ComputationError

LOOK_SECONDS = 0.02
"""Between two looks at the program; the application works in between."""


def run_and_wait(step: Step, environment: Mapping[str, str], limit_seconds: float) -> str:
    """Run a program to its end, behind a dialog that says so and can cancel it.

    Returns
    -------
    str
        Empty if it succeeded, or a sentence of what went wrong.

    Raises
    ------
    ComputationError
        If the person cancelled. The program and all that it started has ended.
    """
    outcome: list[str] = []
    steps = Steps([step], environment, lambda line: None, outcome.append)
    dialog = slicer.util.createProgressDialog(
        labelText=f"{step.title} ...", maximum=0, autoClose=False, autoReset=False
    )
    # nobody starts it twice, or closes the scene under it
    dialog.setProperty("windowModality", qt.Qt.ApplicationModal)
    dialog.show()
    slicer.util.showStatusMessage(f"{step.title} ...")
    cancelled, end = False, time.monotonic() + limit_seconds
    try:
        while not steps.poll():
            slicer.app.processEvents()
            cancelled = cancelled or bool(dialog.property("wasCanceled"))
            if cancelled or time.monotonic() > end:
                steps.cancel()
            time.sleep(LOOK_SECONDS)
    finally:
        steps.cancel()
        dialog.close()
        dialog.deleteLater()
        slicer.util.showStatusMessage("")
    if cancelled:
        raise ComputationError(f"{step.title} was cancelled; nothing was made.")
    return outcome[0]
