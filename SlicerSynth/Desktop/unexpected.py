"""An error that nobody caught is said in the window; PyQt would end the whole program instead."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType


def catch_all() -> None:
    """Answer every uncaught error with a message, as Slicer does with its Python console."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, Exception):
        sys.__excepthook__(kind, error, trace)
        return
    import slicer

    details = "".join(traceback.format_exception(kind, error, trace))
    print(details, file=sys.stderr, flush=True)
    try:
        slicer.util.errorDisplay(
            "Something unexpected happened; what you see may be out of date.", detailedText=details
        )
    except Exception:  # the window may be what failed
        traceback.print_exc()
