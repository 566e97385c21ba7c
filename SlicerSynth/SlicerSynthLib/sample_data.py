"""A sample study for the Sample Data module: a digital head phantom, made here by the engine.

Nothing is downloaded and nobody is pictured. Its T1, CT and low-dose CT are marked as synthetic.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.engine_setup import (
    ApplicationSettings,
    ModuleEngineSettings,
    process_environment,
)
from SlicerSynthLib.export_places import temporary_folder
from SlicerSynthLib.install import Step
from SlicerSynthLib.waiting import run_and_wait
from SynthCore.dicom.header_files import read_header
from SynthCore.dicom.headers import text
from SynthCore.errors import ComputationError

CATEGORY = "SlicerSynth"
NAME = "SynthHeadPhantom"
SERIES = ("T1", "CT", "CT_low_dose")
LIMIT_SECONDS = 300


def register_sample_data() -> None:
    """Offer the phantom in the Sample Data module, once the application has started."""
    slicer.app.connect("startupCompleted()", _register)


def load_phantom(source: Any = None) -> list[Any]:
    """Make the phantom's study, keep it in Slicer's DICOM database, and load it.

    Parameters
    ----------
    source
        Of the Sample Data module; not needed.

    Returns
    -------
    list of vtkMRMLNode
        The volumes.

    Raises
    ------
    ComputationError
        If the engine is not installed, fails, or was cancelled, or Slicer has no DICOM database.
        Nothing is left behind.
    """
    from DICOMLib import DICOMUtils

    if slicer.dicomDatabase is None or not slicer.dicomDatabase.isOpen:
        raise ComputationError(
            _("Slicer has no DICOM database; open the DICOM module once, which makes it.")
        )
    place = temporary_folder()
    folder = place / "study"  # what an engine that was ended leaves lies beside it
    try:
        place.mkdir(parents=True)
        _make(folder)
        # asked of the files: the database knows them only by the names of its copies
        uids = [_series_uid(next((folder / series).iterdir())) for series in SERIES]
        for series in SERIES:
            DICOMUtils.importDicom(str(folder / series), slicer.dicomDatabase, True)
        nodes = DICOMUtils.loadSeriesByUID(uids)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return [slicer.mrmlScene.GetNodeByID(one) for one in nodes]


def _series_uid(path: Path) -> str:
    return text(read_header(path), "SeriesInstanceUID")


def _make(folder: Path) -> None:
    *engine, _worker = ModuleEngineSettings(ApplicationSettings()).default
    step = Step(_("Making the head phantom"), (*engine, "demo", "--out", str(folder)))
    if trouble := run_and_wait(step, process_environment(), LIMIT_SECONDS):
        words = _(
            "The phantom could not be made ({0}); install the engine in the Synth module first, if "
            "that was not done."
        )
        raise ComputationError(words.format(trouble.partition(";")[0].rstrip(".")))


def _register() -> None:
    if importlib.util.find_spec("SampleData") is None:
        return
    import SampleData

    icon = Path(__file__).resolve().parents[1] / "Resources" / "Icons" / f"{NAME}.png"
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName=NAME,
        thumbnailFileName=str(icon),
        customDownloader=load_phantom,
    )
