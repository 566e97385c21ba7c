"""Stacks that are whole though they look odd, and odd ones that look whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import ImplicitVRLittleEndian

from SynthCore.dicom.slice_grid import slice_grid
from SynthCore.errors import InputError
from SynthCore.files.read import read
from Testing.dicom.odd_series import alter, enhanced, series, voxels

_SIN = np.sin(0.3)


def test_thicker_slices_further_on_are_no_missing_ones(tmp_path: Path):
    """An incremental head: 3 mm through the base of the skull, then 6 mm."""
    places = [0, 3, 6, 9, 13.5, 19.5, 25.5]

    def thickness(k: int, ds: pydicom.Dataset) -> None:
        ds.SliceThickness = 3 if k < 4 else 6

    series(tmp_path / "s", voxels((7, 6, 7)), positions=places, change=thickness)
    (note,) = [n for n in read(tmp_path / "s").notes if "resampled" in n]
    assert "3.00 to 6.00 mm apart" in note


def test_a_missing_slice_is_missed_though_slices_overlap(tmp_path: Path):
    places = [0, 2.5, 5, 10, 12.5]
    series(tmp_path / "s", voxels((5, 6, 7)), positions=places, SliceThickness=5)
    with pytest.raises(InputError, match="A slice is missing"):
        read(tmp_path / "s")


@pytest.mark.parametrize(("step", "told"), [(2.5, False), (3.0, False), (5.0, True)])
def test_slices_farther_apart_than_they_say_are_told(tmp_path: Path, step: float, told: bool):
    series(tmp_path / "s", voxels((4, 6, 7)), positions=[k * step for k in range(4)])
    notes = " ".join(read(tmp_path / "s").notes)
    assert (f"Slices lie {step:g} mm apart where their headers say 2.5 mm" in notes) == told


def test_two_stacks_beside_each_other_are_named(tmp_path: Path):
    array = voxels((8, 6, 7))
    path = enhanced(tmp_path / "e.dcm", array)
    ds = pydicom.dcmread(path)
    for k, group in enumerate(ds.PerFrameFunctionalGroupsSequence):
        content, place = group.FrameContentSequence[0], group.PlanePositionSequence[0]
        content.StackID = "1" if k < 4 else "2"
        if k >= 4:
            place.ImagePositionPatient[2] += 40
    ds.save_as(path)
    with pytest.raises(InputError, match=r"holds 2 stacks of slices \(StackID 1, 2\)"):
        read(path)


def test_magnitude_and_phase_of_an_enhanced_object_are_no_image(tmp_path: Path):
    path = enhanced(tmp_path / "e.dcm")
    ds = pydicom.dcmread(path)
    for k, group in enumerate(ds.PerFrameFunctionalGroupsSequence):
        kind = pydicom.Dataset()
        kind.FrameType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
        kind.ComplexImageComponent = "MAGNITUDE" if k < 2 else "PHASE"
        group.MRImageFrameTypeSequence = [kind]
    ds.save_as(path)
    with pytest.raises(InputError, match="ComplexImageComponent MAGNITUDE and PHASE"):
        read(path)


@pytest.mark.parametrize("digits", [3, 4])
def test_rounded_orientations_become_a_straight_grid(tmp_path: Path, digits: int):
    """What is read can be written: the grid is checked after minutes of work otherwise."""
    cosines = np.array([np.cos(0.3), _SIN * 0.6, -_SIN * 0.8, 0, 0.8, 0.6])
    rounded = [float(f"{v:.{digits}f}") for v in cosines]
    series(tmp_path / "s", orientation=rounded)
    image = read(tmp_path / "s")
    planes = slice_grid(image).planes
    assert len(planes) == image.shape[0]
    off = np.abs(image.direction.T @ image.direction - np.eye(3)).max()
    assert off <= 1e-4
    # within a quarter of a pixel of where the headers put every corner
    assert np.allclose(image.direction[:, 0], rounded[:3], atol=2e-3)


def test_one_object_by_two_routes_is_read_once(tmp_path: Path):
    paths = series(tmp_path / "s", voxels((3, 6, 7)))
    ds = pydicom.dcmread(paths[1])
    ds.file_meta.ImplementationVersionName = "OTHER_HOP"
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    ds.save_as(tmp_path / "s" / "again.dcm", implicit_vr=True, little_endian=True)
    image = read(tmp_path / "s")
    assert image.shape == (3, 6, 7)
    assert "1 files were copies of others" in " ".join(image.notes)
    alter(tmp_path / "s" / "again.dcm", SliceThickness=9)
    with pytest.raises(InputError, match="different objects with the same SOPInstanceUID"):
        read(tmp_path / "s")


def by_two_routes(folder: Path, change: Callable[[int, pydicom.FileDataset], None]) -> Path:
    """A series with private elements as a scanner wrote it, and from an archive without VRs."""
    for path in series(folder / "cd", voxels((3, 6, 7)), change=change):
        ds = pydicom.dcmread(path)
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        (folder / "archive").mkdir(exist_ok=True)
        ds.save_as(folder / "archive" / path.name, implicit_vr=True, little_endian=True)
    return folder


@pytest.mark.parametrize("undefined", [False, True])
def test_private_elements_by_two_routes_are_the_same(tmp_path: Path, undefined: bool) -> None:
    def private(_: int, ds: pydicom.FileDataset) -> None:
        block, item = ds.private_block(0x0021, "ACME", create=True), pydicom.Dataset()
        item.private_block(0x0021, "ACME", create=True).add_new(1, "LO", "odd")
        item.EchoTime = 3
        block.add_new(1, "LO", "odd")
        block.add_new(2, "DS", ["1.50", "2"])
        block.add_new(3, "US", 7)
        block.add_new(4, "SQ", [item])
        item.is_undefined_length_sequence_item = undefined
        ds[0x00211004].is_undefined_length = undefined
        ds.add_new(0x00210000, "UL", 4)

    folder = by_two_routes(tmp_path / "s", private)
    image = read(folder)
    assert "3 files were copies of others" in " ".join(image.notes)
    path = folder / "archive" / "0002.dcm"
    path.write_bytes(path.read_bytes().replace(b"1.50", b"1.51"))
    with pytest.raises(InputError, match=r"archive/0002\.dcm and cd/0002\.dcm are different"):
        read(folder)


def test_private_elements_of_another_maker_are_another_object(tmp_path: Path) -> None:
    def private(_: int, ds: pydicom.FileDataset) -> None:
        ds.private_block(0x0021, "ACME", create=True).add_new(1, "LO", "odd")

    folder = by_two_routes(tmp_path / "s", private)
    path = folder / "archive" / "0002.dcm"
    path.write_bytes(path.read_bytes().replace(b"ACME", b"OTHE"))
    with pytest.raises(InputError, match="are different"):
        read(folder)


def test_a_projection_is_called_one(tmp_path: Path):
    def projection(_: int, ds: pydicom.Dataset) -> None:
        ds.SOPClassUID, ds.Modality = "1.2.840.10008.5.1.4.1.1.1.1", "DX"
        del ds.ImagePositionPatient, ds.ImageOrientationPatient

    paths = series(tmp_path / "s", voxels((1, 6, 7)), change=projection)
    with pytest.raises(InputError, match="is a projection image"):
        read(paths[0])
