"""Slices are of the distance that was asked for, and headers say how they were acquired."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from SynthCore.cli.main import main
from SynthCore.dicom.series import list_series
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.people.draws import draw
from SynthCore.people.heads import Head
from SynthCore.people.person_file import read_person
from SynthCore.people.wish import Wish
from SynthCore.physics.fine_grid import fine_grid
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools


@pytest.mark.parametrize("slices_mm", [1.0, 1.5, 3.0])
def test_thin_slices_that_are_asked_for_are_acquired(spheres: Head, slices_mm: float) -> None:
    wish = Wish(("T2", "FLAIR", "CT"), ("none",), 2.0, slices_mm, 3)
    draws = draw(wish, 1, spheres)
    assert not draws.scans[0].sequence.volume
    assert draws.ct is not None
    for one in (*draws.scans, draws.ct):
        assert one.resolution is not None
        assert one.resolution.distance == pytest.approx(slices_mm)
        assert one.resolution.thickness <= slices_mm + 1e-9


def test_without_a_wish_slices_are_as_drawn(spheres: Head) -> None:
    draws = draw(Wish(("T2",), ("none",), 1.0, None, 3), 1, spheres)
    assert draws.scans[0].resolution is not None
    assert draws.scans[0].resolution.distance > 2


def test_headers_tell_the_slices_that_were_acquired(label_map: Path, tmp_path: Path) -> None:
    out = tmp_path / "people"
    asked = ["generate", "--out", str(out), "--labels", str(label_map), "--spacing", "2",
             "--images", "T2,CT", "--lesion", "none", "--seed", "3"]  # fmt: skip
    assert main(asked) == 0
    draws = read_person(out / "person-001" / "person.json").draws
    assert draws.ct is not None
    files = []
    for role, one in (("T2", draws.scans[0]), ("CT", draws.ct)):
        assert one.resolution is not None
        folder = out / "person-001" / role
        header = pydicom.dcmread(folder / "0001.dcm")
        files.append(folder / "0001.dcm")
        thickness = one.resolution.thickness
        assert float(header.SliceThickness) == pytest.approx(thickness, rel=1e-3)
        assert float(header.SpacingBetweenSlices) == 2
        told = f"resampled from {thickness:.1f} mm slices"
        assert (told in header.DerivationDescription) == (one.resolution.distance > 2.1)
        # read as slices of the grid, and none is taken to be missing
        image = read(folder, modality=role)
        assert image.spacing[2] == pytest.approx(2)
        assert fine_grid(image).thickness_mm <= 2 + 1e-6
        assert len(list_series(folder)) == 1
    t2 = draws.scans[0].resolution
    assert t2 is not None
    assert t2.thickness > 2.1
    assert verify_folder(out).ok
    require_dicom3tools()
    assert object_errors(files, tmp_path) == []
    assert entity_errors(files) == []
