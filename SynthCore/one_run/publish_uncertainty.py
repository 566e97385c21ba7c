"""Write the uncertainty of a result beside it, in the form that the result has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from SynthCore.dicom.uncertain_series import map_name_of, write_map_of
from SynthCore.files.write import write_nifti
from SynthCore.request import SynthesisResult


def uncertainty_names_of(target: str) -> tuple[str, str, str]:
    """Names of the uncertainty of a role: DICOM file, NIfTI, and the record beside that."""
    dicom = map_name_of(target)
    stem = dicom.removesuffix(".dcm")
    return dicom, f"{stem}.nii.gz", f"{stem}.json"


def write_uncertainty(result: SynthesisResult, stage: Path, series: Path) -> Path | None:
    """Write the standard deviation of a result's error into a folder.

    Parameters
    ----------
    result : SynthesisResult
        As it was written.
    stage : Path
        The folder.
    series : Path
        Of the result's DICOM series; a NIfTI is written where there is none.

    Returns
    -------
    Path or None
        The file; None where the result has no uncertainty.

    Raises
    ------
    InputError, ComputationError
        As `write_map_of` and `write_nifti`.
    """
    if result.uncertainty is None:
        return None
    record = result.record
    dicom, nifti, _ = uncertainty_names_of(record.target)
    if series.is_dir():
        write_map_of(result, series, stage / dicom)
        return stage / dicom
    output = dict(record.output)
    # the record of the map is the image's, but for what came out
    of_map = {**output.pop("uncertainty"), "uncertainty_of": output["sha256"]}
    of_map_record = replace(record, output=of_map)
    return write_nifti(result.uncertainty, stage / nifti, record_json=of_map_record.to_json())
