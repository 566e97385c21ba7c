"""Write a result with its record and its report, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from SynthCore.dicom.series_plan import NewStudy
from SynthCore.dicom.write import export_dicom, series_name_of
from SynthCore.errors import InputError
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.one_run.publish_uncertainty import uncertainty_names_of, write_uncertainty
from SynthCore.quality.evaluate import Evaluation, default_preset, evaluate, field_of
from SynthCore.quality.report import write_report
from SynthCore.request import SynthesisResult
from SynthCore.staging import staged


@dataclass(frozen=True)
class Written:
    """Where a result lies: image (file or folder), record (JSON), report (HTML), uncertainty.

    `warnings` came up in writing: what the DICOM series has lost of its source, and why the result
    was not compared with its reference, if it was not. `evaluation` is that comparison.
    """

    image: Path
    record: Path
    report: Path
    uncertainty: Path | None = None
    warnings: tuple[str, ...] = ()
    evaluation: Evaluation | None = None


def names_of(target: str) -> tuple[str, ...]:
    """Names that a result of that role may take in its output folder."""
    stem = series_name_of(target)
    return (stem, f"{stem}.nii.gz", f"{stem}.json", f"{stem}.html", *uncertainty_names_of(target))


def publish(
    result: SynthesisResult,
    inputs: Mapping[str, Image],
    out: Path,
    form: str,
    *,
    mask: Image | None = None,
    reference: Image | None = None,
    study: NewStudy | None = None,
) -> Written:
    """Write image, record and report into `out`.

    Parameters
    ----------
    result : SynthesisResult
        What to write.
    inputs : mapping
        The images it was made from, by role.
    out : Path
        The folder; must not hold these names yet.
    form : {'dicom', 'nifti'}
        Format of the image.
    mask, reference : Image, optional
        Shown in the report; the reference is compared with.
    study : NewStudy, optional
        As in `export_dicom`.

    Raises
    ------
    InputError
        If the folder cannot be written or holds a result already.
    ComputationError
        If the disk is full.
    """
    inputs = {role: inputs[role] for role in result.record.inputs}  # those that were used
    folder_name, nifti_name, json_name, html_name, *_ = names_of(result.record.target)
    told: list[str] = []
    with staged(out) as stage:
        if form == "dicom":
            given = tuple(inputs.values())
            record = export_dicom(result, stage / folder_name, more_sources=given, study=study)
            told += record.output["dicom_notes"]
            result = replace(result, record=record)
            (stage / json_name).write_text(result.record.to_json() + "\n", encoding="utf-8")
            image = out / folder_name
        else:
            write_nifti(result.image, stage / nifti_name, record_json=result.record.to_json())
            image = out / nifti_name
        uncertainty = write_uncertainty(result, stage, stage / folder_name)
        evaluation = None
        if reference is not None:
            try:
                evaluation = _evaluate(result, inputs, reference, mask)
            except InputError as error:  # the image is whole, whatever it is compared with
                told.append(f"The result was not compared with the reference: {error}")
        before = result.warnings or result.record.warnings
        write_report(
            stage / html_name,
            replace(result, warnings=(*before, *told)),
            inputs,
            reference=reference,
            evaluation=evaluation,
            card=result.card,
            mask=mask,
        )
    beside = None if uncertainty is None else out / uncertainty.name
    return Written(image, out / json_name, out / html_name, beside, tuple(told), evaluation)


def _evaluate(
    result: SynthesisResult, inputs: Mapping[str, Image], reference: Image, mask: Image | None
) -> Evaluation:
    field = field_of(result.record.task, next(iter(inputs.values())))
    preset = default_preset(result.record.task, result.record.target)
    made = replace(result.image, notes=())  # its input's, which the warnings tell
    return evaluate(made, reference, preset=preset, mask=mask, resample=True, field=field)
