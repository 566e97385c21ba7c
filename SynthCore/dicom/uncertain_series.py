"""A synthetic series with its uncertainty beside it: a folder of images, and a parametric map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from SynthCore.dicom.read import read_dicom
from SynthCore.dicom.series_plan import NewStudy
from SynthCore.dicom.uncertainty_map import write_map
from SynthCore.dicom.write import export_dicom, series_name_of
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.request import SynthesisRecord, SynthesisResult
from SynthCore.staging import new_folder


def map_name_of(target: str) -> str:
    """Name of the file of its uncertainty, which stands beside the folder of the series."""
    return f"{series_name_of(target)}-uncertainty.dcm"


def write_map_of(result: SynthesisResult, series: Path, path: Path) -> None:
    """Write the uncertainty of a result that was written as a DICOM series.

    Parameters
    ----------
    result : SynthesisResult
        With an uncertainty, on the grid of its image.
    series : Path
        The folder of the series.
    path : Path
        The file; must not exist.

    Raises
    ------
    InputError
        If there is no uncertainty, or as `write_map`.
    """
    if result.uncertainty is None:
        raise InputError("The result has no uncertainty; make it again with one.")
    record = result.record
    made_by = f"{record.model} {record.model_version}, weights {record.weights_sha256[:12]}"
    images = read_dicom(series, modality=record.target)
    write_map(path, result.uncertainty, images, contribution=f"Estimated by {made_by}")


def export_with_map(
    result: SynthesisResult,
    folder: Path,
    *,
    source: Image | None = None,
    more_sources: Sequence[Image] = (),
    study: NewStudy | None = None,
) -> SynthesisRecord:
    """Write the series and its uncertainty into `folder`: both or nothing.

    Parameters
    ----------
    result : SynthesisResult
        With an uncertainty.
    folder : Path
        Must not exist or be empty.
    source, more_sources, study
        As in `export_dicom`.

    Returns
    -------
    SynthesisRecord
        As `export_dicom` gives it.

    Raises
    ------
    InputError, ComputationError
        As `export_dicom` and `write_map_of`. Nothing is left behind.
    """
    target = result.record.target
    with new_folder(folder) as partial:
        series = partial / series_name_of(target)
        record = export_dicom(
            result, series, source=source, more_sources=more_sources, study=study
        )  # fmt: skip
        write_map_of(result, series, partial / map_name_of(target))
    return record
