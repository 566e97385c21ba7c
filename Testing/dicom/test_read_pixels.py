"""Stored pixels to values: rescaling, types, padding, compression, multi-frame, damage."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from SynthCore.dicom.lossy import loss_note
from SynthCore.errors import InputError
from SynthCore.files.read import read
from Testing.dicom.odd_series import AXIAL, alter, enhanced, oblique, series, voxels


def test_hounsfield_units_are_exact_whole_numbers(tmp_path: Path):
    series(tmp_path / "s")
    image = read(tmp_path / "s")
    assert (image.voxels.dtype, image.unit, image.modality) == (np.int16, "HU", "CT")
    np.testing.assert_array_equal(image.voxels, voxels() - 1024)


def test_numbers_too_large_for_16_bits_are_kept(tmp_path: Path):
    series(tmp_path / "s", RescaleIntercept=32000)
    image = read(tmp_path / "s")
    assert image.voxels.dtype == np.int32
    np.testing.assert_array_equal(image.voxels, voxels().astype(np.int32) + 32000)


def test_mr_keeps_its_stored_type(tmp_path: Path):
    array = voxels().astype(np.uint16) * 20  # above 32767, unsigned
    series(tmp_path / "s", array.view(np.int16), modality="MR", PixelRepresentation=0)
    image = read(tmp_path / "s")
    assert (image.voxels.dtype, image.unit) == (np.uint16, "1")
    np.testing.assert_array_equal(image.voxels, array)


def test_each_slice_has_its_own_rescaling(tmp_path: Path):
    slopes = (0.5, 0.25, 2.0, 1.0, 0.125)

    def scale(k, ds):
        ds.RescaleSlope, ds.RescaleIntercept = slopes[k], k

    series(tmp_path / "s", modality="PT", change=scale)
    image = read(tmp_path / "s")
    expected = voxels() * np.array(slopes)[:, None, None] + np.arange(5)[:, None, None]
    assert image.voxels.dtype == np.float32
    np.testing.assert_allclose(image.voxels, expected, rtol=1e-6)


def test_twelve_bits_with_rubbish_above_them(tmp_path: Path):
    array = voxels((2, 6, 7))  # 0 to 2999, below 2**12
    dirty = array | np.int16(0x7000)
    bits = {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": 0}
    series(tmp_path / "s", dirty, modality="MR", **bits)
    np.testing.assert_array_equal(read(tmp_path / "s").voxels, array)


def padded(value: int) -> np.ndarray:
    array = voxels()
    array[:, 0, :] = value
    return array


@pytest.mark.parametrize("value", [-2000, 32767])
def test_padding_of_ct_becomes_air_with_a_note(tmp_path: Path, value: int):
    series(tmp_path / "s", padded(value), change=lambda _, ds: declare(ds, value))
    image = read(tmp_path / "s")
    assert np.all(image.voxels[:, 0, :] == -1024)
    np.testing.assert_array_equal(image.voxels[:, 1:], voxels()[:, 1:] - 1024)
    assert image.notes == ("35 padding voxels (PixelPaddingValue) were set to -1024 HU.",)


def test_padding_of_unsigned_pixels_becomes_air_as_well(tmp_path: Path) -> None:
    array = voxels().astype(np.uint16)
    array[:, 0, :] = 65535

    def unsigned(number: int, ds: pydicom.Dataset) -> None:
        ds.PixelRepresentation, ds.RescaleIntercept = 0, 0
        ds.PixelData = array[number].tobytes()
        declare(ds, 65535, "US")

    series(tmp_path / "s", voxels(), change=unsigned)
    image = read(tmp_path / "s")
    assert np.all(image.voxels[:, 0, :] == -1024)
    np.testing.assert_array_equal(image.voxels[:, 1:], voxels()[:, 1:])


def declare(ds: pydicom.Dataset, value: int, vr: str = "SS") -> None:
    ds.add_new("PixelPaddingValue", vr, value)


def test_padding_written_as_unsigned_is_the_same(tmp_path: Path):
    series(tmp_path / "s", padded(-2000), change=lambda _, ds: declare(ds, 63536, "US"))
    assert np.all(read(tmp_path / "s").voxels[:, 0, :] == -1024)


@pytest.mark.parametrize(("value", "signed"), [(63536, 0), (5000, 0), (63536, 1), (-3000, 1)])
def test_padding_beyond_the_bits_stored(tmp_path: Path, value: int, signed: int) -> None:
    array = np.clip(voxels(), 0, 2000)
    array[:, 1, 0] = value % 4096 % 2048  # in 12 bits it may look as padding does

    def twelve(number: int, ds: pydicom.Dataset) -> None:
        plane = array[number].astype(np.int64)
        plane[0] = value
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 11, signed
        ds.PixelData = plane.astype(np.uint16).tobytes()
        declare(ds, value, "US" if value > 0 else "SS")

    series(tmp_path / "s", array, change=twelve)
    image = read(tmp_path / "s")
    assert np.all(image.voxels[:, 0, :] == -1024)
    np.testing.assert_array_equal(image.voxels[:, 1:], array[:, 1:] - 1024)
    assert image.notes == ("35 padding voxels (PixelPaddingValue) were set to -1024 HU.",)


def test_a_padding_range(tmp_path: Path):
    def both(_, ds):
        declare(ds, -2010)
        ds.add_new("PixelPaddingRangeLimit", "SS", -1990)

    series(tmp_path / "s", padded(-2003), change=both)
    assert np.all(read(tmp_path / "s").voxels[:, 0, :] == -1024)


def test_padding_that_is_a_possible_ct_number_is_left(tmp_path: Path):
    series(tmp_path / "s", padded(1024), change=lambda _, ds: declare(ds, 1024))  # 0 HU: water
    image = read(tmp_path / "s")
    assert np.all(image.voxels[:, 0, :] == 0)
    assert "possible CT number" in image.notes[0]


def test_padding_of_mr_becomes_zero(tmp_path: Path):
    series(tmp_path / "s", padded(-32768), modality="MR", change=lambda _, d: declare(d, -32768))
    image = read(tmp_path / "s")
    assert np.all(image.voxels[:, 0, :] == 0)
    assert "set to 0" in image.notes[0]


def test_a_lookup_table_is_applied(tmp_path: Path):
    table = pydicom.Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [4, 0, 16], "HU"
    table.LUTData = np.array([10, 20, 30, 40], "<u2").tobytes()

    def use(_, ds):
        del ds.RescaleSlope, ds.RescaleIntercept
        ds.ModalityLUTSequence = [table]

    array = np.arange(4, dtype=np.int16).reshape(1, 2, 2)
    series(tmp_path / "s", array, PixelRepresentation=0, change=use)
    np.testing.assert_array_equal(read(tmp_path / "s").voxels, (array + 1) * 10)


def test_monochrome1_is_how_to_show_it_not_what_it_is(tmp_path: Path):
    series(tmp_path / "s", PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(read(tmp_path / "s").voxels, voxels() - 1024)


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
@pytest.mark.parametrize("kind", ["classic", "enhanced"])
def test_compressed_pixels(tmp_path: Path, syntax, kind: str):
    array = voxels((3, 40, 36))
    if kind == "classic":
        paths = series(tmp_path / "s", array)
        expected = array - 1024
    else:
        paths = [enhanced(tmp_path / "s" / "e.dcm", array, order=[2, 0, 1])]
        expected = array
    for path in paths:
        ds = pydicom.dcmread(path)
        ds.compress(syntax)
        ds.save_as(path)
    image = read(tmp_path / "s")
    np.testing.assert_array_equal(image.voxels, expected)


@pytest.mark.skipif(shutil.which("dcmcjpeg") is None, reason="DCMTK is not installed")
@pytest.mark.parametrize("option", ["+e1", "+el"])  # JPEG lossless, process 14 SV1 and 14
def test_jpeg_lossless(tmp_path: Path, option: str):
    array = voxels((2, 40, 36))
    paths = series(tmp_path / "s", array.astype(np.uint16), PixelRepresentation=0)
    (tmp_path / "c").mkdir()
    for path in paths:
        subprocess.run(["dcmcjpeg", option, path, tmp_path / "c" / path.name], check=True)
    np.testing.assert_array_equal(read(tmp_path / "c").voxels, array - 1024)


@pytest.mark.parametrize("orientation", [AXIAL, oblique()])
@pytest.mark.parametrize("modality", ["MR+", "CT+"])
def test_enhanced_multi_frame(tmp_path: Path, modality: str, orientation):
    order = [3, 0, 4, 1, 2]
    intercepts = [-1024] * 5 if modality == "CT+" else None
    path = enhanced(
        tmp_path / "e.dcm",
        modality=modality,
        orientation=orientation,
        order=order,
        intercepts=intercepts,
    )
    classic = modality.rstrip("+")
    series(tmp_path / "s", modality=classic, orientation=orientation)
    image, like = read(path), read(tmp_path / "s")
    np.testing.assert_array_equal(image.voxels, like.voxels)
    np.testing.assert_allclose(image.affine, like.affine, atol=1e-7)
    assert image.unit == like.unit
    assert len(image.source.headers) == len(image.source.instance_uids) == 1
    assert "PixelData" not in image.source.headers[0]


def test_enhanced_frames_with_their_own_scaling(tmp_path: Path):
    slopes, intercepts = [1.5, 2, 2.5, 3, 3.5], [0, 1, 2, 3, 4]
    path = enhanced(tmp_path / "e.dcm", slopes=slopes, intercepts=intercepts, order=[4, 3, 2, 1, 0])
    expected = voxels() * np.array(slopes)[:, None, None] + np.array(intercepts)[:, None, None]
    np.testing.assert_allclose(read(path).voxels, expected, rtol=1e-6)


def test_an_enhanced_series_of_several_objects(tmp_path: Path):
    array = voxels((6, 6, 7))
    enhanced(tmp_path / "s" / "a.dcm", array[:3])
    enhanced(tmp_path / "s" / "b.dcm", array[3:], origin=(-20, 10, 12.5))
    image = read(tmp_path / "s")
    np.testing.assert_array_equal(image.voxels, array)
    assert len(image.source.instance_uids) == 6
    assert len(set(image.source.instance_uids)) == 2


def test_an_enhanced_object_of_two_echoes_is_four_dimensional(tmp_path: Path):
    path = enhanced(tmp_path / "e.dcm", echoes=(10.0, 80.0))
    with pytest.raises(InputError, match=r"four-dimensional: 2 images.*EffectiveEchoTime"):
        read(path)


def test_an_enhanced_object_with_a_frame_missing(tmp_path: Path):
    path = enhanced(tmp_path / "e.dcm")
    ds = pydicom.dcmread(path)
    del ds.PerFrameFunctionalGroupsSequence[2]
    ds.save_as(path)
    with pytest.raises(InputError, match="claims 5 frames but describes 4"):
        read(path)
    ds.NumberOfFrames, ds.PixelData = 4, ds.PixelData[: 4 * 6 * 7 * 2]
    ds.save_as(path)
    with pytest.raises(InputError, match=r"missing.*frame 2"):
        read(path)


def test_color_is_refused(tmp_path: Path):
    paths = series(tmp_path / "s", voxels((1, 6, 6)))
    alter(paths[0], SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    with pytest.raises(InputError, match=r"color image \(RGB\)"):
        read(paths[0])
    alter(paths[0], SamplesPerPixel=1, PhotometricInterpretation="PALETTE COLOR")
    with pytest.raises(InputError, match=r"color image \(PALETTE COLOR\)"):
        read(paths[0])


def test_pixels_cut_short_name_their_file(tmp_path: Path):
    paths = series(tmp_path / "s")
    paths[2].write_bytes(paths[2].read_bytes()[:-20])
    with pytest.raises(InputError, match=f"{paths[2].name} has pixel data that is cut short"):
        read(tmp_path / "s")


def test_no_pixels_at_all(tmp_path: Path):
    paths = series(tmp_path / "s")
    alter(paths[1], PixelData=None)
    with pytest.raises(InputError, match=f"{paths[1].name} has no pixel data"):
        read(tmp_path / "s")


@pytest.mark.parametrize("before", [b"\x28\x00\x10\x00", b"\x20\x00\x0e\x00", b"\x08\x00\x16\x00"])
def test_the_last_slice_cut_in_its_header_is_not_left_out(tmp_path: Path, before: bytes):
    path = series(tmp_path / "s")[-1]
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.index(before, 132)])  # before Rows, SeriesInstanceUID, SOPClassUID
    with pytest.raises(InputError, match=f"{path.name} in s is a damaged DICOM file"):
        read(tmp_path / "s")
    with pytest.raises(InputError, match=path.name):
        read(path)


def test_a_constant_series_is_refused(tmp_path: Path):
    series(tmp_path / "s", np.full((3, 4, 4), 7, np.int16))
    with pytest.raises(InputError, match="constant: every voxel is -1017"):
        read(tmp_path / "s")


def test_notes_of_lossy_compression_and_other_units(tmp_path: Path):
    series(tmp_path / "s", LossyImageCompression="01", RescaleType="MGML")
    notes = " ".join(read(tmp_path / "s").notes)
    assert "compressed with loss" in notes
    assert "RescaleType is MGML" in notes


@pytest.mark.parametrize(
    ("syntax", "stated", "words"),
    [
        (JPEGBaseline8Bit, "", "was compressed with loss"),
        (JPEGBaseline8Bit, "00", "was compressed with loss"),
        (JPEGLSNearLossless, "", "was compressed with loss"),
        (JPEG2000, "", "is taken as compressed with loss"),
        (JPEG2000, "00", ""),
        (JPEG2000, "01", "was compressed with loss"),
        (JPEG2000Lossless, "", ""),
        (JPEG2000Lossless, "01", "was compressed with loss"),
    ],
)
def test_loss_is_known_from_the_transfer_syntax(syntax: str, stated: str, words: str):
    header = pydicom.Dataset()
    header.file_meta = pydicom.dataset.FileMetaDataset()
    header.file_meta.TransferSyntaxUID = syntax
    if stated:
        header.LossyImageCompression = stated
    told = loss_note(header)
    assert (words in told) if words else not told
    assert loss_note(pydicom.Dataset()) == ""


@pytest.mark.parametrize(
    ("sop_class", "modality", "words"),
    [
        ("1.2.840.10008.5.1.4.1.1.66.4", "SEG", "not an acquired image"),
        ("1.2.840.10008.5.1.4.1.1.481.2", "RTDOSE", "not an acquired image"),
        ("1.2.840.10008.5.1.4.1.1.7", "CT", "not an acquired image"),
    ],
)
def test_objects_that_are_no_acquired_images(tmp_path: Path, sop_class, modality, words):
    path = series(tmp_path / "s", voxels((1, 6, 7)))[0]
    alter(path, SOPClassUID=sop_class, Modality=modality)
    with pytest.raises(InputError, match=words):
        read(path)
