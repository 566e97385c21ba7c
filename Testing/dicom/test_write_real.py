"""Series derived from real ones: on their grid, in their study, and no tool objects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pydicom
import pytest

from SynthCore.dicom.read import read_dicom
from SynthCore.dicom.write import export_dicom
from SynthCore.files.verify import verify_folder
from Testing.dicom.results import read_all, result_of
from Testing.dicom.validators import (
    entity_errors,
    entity_findings,
    object_errors,
    require_dicom3tools,
)

pytestmark = pytest.mark.data


@dataclass(frozen=True)
class Case:
    """A real series, and what is made of it."""

    archive: str
    inside: str
    role: str
    task: str
    target: str
    illegal: tuple[str, ...] = ()
    """Attributes the source itself writes against their VR: they are left out, and dcentvfy warns
    that they are empty."""


CASES = {
    "MR to CT": Case(
        "STS_010_CT_MR_PET_RTSTRUCT", "STS_010/MR_T1/image", "T1", "mr-to-ct", "CT", ("StudyID",)
    ),
    "CT to CT": Case("CRLM-CT-1004_CT_abdomen", "CRLM-CT-1004", "CT", "ct-denoise", "CT"),
    "MR to MR": Case("VS-SEG-001_MR_T1c_16slices", "VS-SEG-001_T1c", "T1c", "inpaint", "T1c"),
}


@dataclass(frozen=True)
class Written:
    case: Case
    sources: list[Path]
    files: list[Path]
    voxels: np.ndarray


@pytest.fixture(scope="module", params=CASES)
def made(
    request: pytest.FixtureRequest, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Written:
    case = CASES[request.param]
    folder = tmp_path_factory.mktemp("real")
    with ZipFile(real_data / "dicom" / f"{case.archive}.zip") as archive:
        archive.extractall(folder / "source")
    source = read_dicom(folder / "source" / case.inside, modality=case.role)
    voxels = source.voxels.astype(np.float32) - (1000 if case.task == "mr-to-ct" else 0)
    image = source.with_voxels(
        voxels, modality=case.target, unit="HU" if case.target == "CT" else "1"
    )
    export_dicom(result_of(image, task=case.task, inputs={case.role: source}), folder / "out")
    return Written(
        case,
        sorted(p for p in (folder / "source" / case.inside).iterdir() if p.suffix == ".dcm"),
        sorted((folder / "out").iterdir()),
        voxels,
    )


def test_no_object_errors_in_any_file(made: Written, tmp_path: Path) -> None:
    require_dicom3tools()
    assert len(made.files) == len(made.sources) == len(made.voxels)
    assert object_errors(made.files, tmp_path) == []


def test_no_entity_errors_with_the_sources(made: Written) -> None:
    require_dicom3tools()
    files = [*made.sources, *made.files]
    assert entity_errors(files) == []
    unexpected = [
        line
        for line in entity_findings(files)
        if not any(f"Element=<{keyword}>" in line for keyword in made.case.illegal)
    ]
    assert unexpected == []


def test_planes_are_the_sources(made: Written) -> None:
    sources = {h.SOPInstanceUID: h for h in map(pydicom.dcmread, made.sources)}
    seen = set()
    for file in made.files:
        header = pydicom.dcmread(file)
        (item,) = header.SourceImageSequence
        source = sources[item.ReferencedSOPInstanceUID]
        seen.add(source.SOPInstanceUID)
        assert item.SpatialLocationsPreserved == "YES"
        for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
            assert header[keyword].value == source[keyword].value
            written = [v.original_string.strip() for v in header[keyword].value]
            assert written == [v.original_string.strip() for v in source[keyword].value]
        for keyword in ("FrameOfReferenceUID", "StudyInstanceUID", "PatientID", "PatientName"):
            assert header[keyword].value == source[keyword].value
    assert seen == set(sources)


def test_voxels_come_back(made: Written) -> None:
    back = read_dicom(made.files[0].parent, modality=made.case.target)
    assert np.abs(back.voxels - np.clip(made.voxels, -1024, None)).max() <= 0.5


def test_it_verifies(made: Written) -> None:
    found = verify_folder(made.files[0].parent)
    assert found.sentences() == ()
    assert len(found.files) == len(made.files)


def test_the_source_itself_does_not_verify(made: Written) -> None:
    found = verify_folder(made.sources[0].parent)
    assert not found.ok
    assert "Nothing in the folder is marked or recorded as synthetic." in found.findings
    names = {str(h.PatientName) for h in read_all(made.files[0].parent)}
    assert not any(name in sentence for name in names for sentence in found.findings)
