"""SynthCore: synthesis of medical images that says what it is.

>>> import SynthCore as sc
>>> t1 = sc.read("study/T1", modality="T1")            # doctest: +SKIP
>>> result = sc.synthesize("mr-to-ct", {"T1": t1})     # doctest: +SKIP
>>> sc.export_dicom(result, "out/ct")                  # doctest: +SKIP

Importing this package loads neither torch nor a file format's library; the names below are
loaded on first use. Research software: not cleared for clinical use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from SynthCore.dicom.write import export_dicom as export_dicom
    from SynthCore.engine.synthesize import synthesize as synthesize
    from SynthCore.files.read import read as read
    from SynthCore.image import Image as Image
    from SynthCore.quality.evaluate import evaluate as evaluate

_PLACES = {
    "Image": "SynthCore.image",
    "evaluate": "SynthCore.quality.evaluate",
    "export_dicom": "SynthCore.dicom.write",
    "read": "SynthCore.files.read",
    "synthesize": "SynthCore.engine.synthesize",
}

__all__ = ["Image", "__version__", "evaluate", "export_dicom", "read", "synthesize"]


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'SynthCore' has no attribute {name!r}")
