"""Every kind of object that this program writes goes to an archive and back, and verifies there."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from SynthCore.dicom.archive import Query, connect, fetch, outgoing, parse_address, send
from SynthCore.dicom.uncertainty_map import write_map
from SynthCore.dicom.write import export_dicom
from SynthCore.files.verify import verify_folder
from Testing.dicom.archive.orthanc import Orthanc
from Testing.dicom.archive.test_send import bytes_of
from Testing.dicom.results import from_headers, headers, result_of
from Testing.dicom.test_uncertainty_map import deviation_on
from Testing.teaching.test_dicom_verify import made as teaching_file  # noqa: F401 (a fixture)

BOTH = pytest.mark.parametrize("protocol", ["web", "node"])


def there_and_back(address: str, folder: Path, back: Path) -> set[str]:
    """The kinds of object that came back, each as it was."""
    there = connect(parse_address(address))
    assert send(outgoing(folder), there).sentences() == ()
    first = pydicom.dcmread(next(folder.rglob("*.dcm")), stop_before_pixels=True)
    fetch(there, there.search(Query(study_uid=str(first.StudyInstanceUID))), back)
    assert bytes_of(back) == bytes_of(folder)
    return {str(pydicom.dcmread(p, stop_before_pixels=True).Modality) for p in back.rglob("*.dcm")}


@BOTH
def test_a_teaching_file(
    protocol: str,
    archive: Orthanc,
    teaching_file: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    kinds = there_and_back(getattr(archive, protocol), teaching_file, tmp_path / "back")
    assert kinds == {"MR", "SEG", "SR", "KO", "PR"}
    found = verify_folder(tmp_path / "back")
    assert not [line for one in found.files for line in one.findings]


@BOTH
def test_an_uncertainty_map_beside_its_image(
    protocol: str, archive: Orthanc, tmp_path: Path
) -> None:
    image = from_headers(headers(), "CT")
    export_dicom(result_of(image), tmp_path / "made" / "synthetic-CT")
    write_map(tmp_path / "made" / "uncertainty.dcm", deviation_on(image), image)
    kinds = there_and_back(getattr(archive, protocol), tmp_path / "made", tmp_path / "back")
    assert kinds == {"CT", "OT"}
    assert verify_folder(tmp_path / "back").ok
