"""What pixels may carry beside the picture: unused bits, comments, profiles."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pydicom
import pytest
from PIL import ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels import pack_bits, pixel_array
from pydicom.uid import UID, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from SynthCore.dicom.deidentify import deidentify
from SynthCore.dicom.deidentify.codestream import clear_comments
from SynthCore.errors import ComputationError, InputError
from Testing.dicom.deidentify.single import cleaned, other_kind, save, small
from Testing.dicom.deidentify.studies import PACKAGED

SECRET = b"Jo Haldorsen, tel. 5551234"


def twelve_bits() -> tuple[Dataset, np.ndarray]:
    header = small()
    header.BitsStored, header.HighBit, header.PixelRepresentation = 12, 11, 0
    values = np.frombuffer(header.PixelData, "<u2").reshape(128, 128) & 0xFFF
    return header, values


def plane() -> np.ndarray:
    hidden = np.zeros((128, 128), "<u2")
    hidden[40:60:2, 10:100:3] = 1
    return hidden


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("signed", [0, 1])
def test_bits_above_those_stored(tmp_path: Path, compressed: bool, signed: int) -> None:
    header, values = twelve_bits()
    header.PixelRepresentation = signed
    header.PixelData = (values | (plane() << 12)).astype("<u2").tobytes()
    if compressed:
        header.BitsStored, header.HighBit = 16, 15
        header.compress(RLELossless, generate_instance_uid=False)
        header.BitsStored, header.HighBit = 12, 11
    after, _ = cleaned(tmp_path, header)
    stored = np.frombuffer(after.PixelData, "<u2").reshape(128, 128)
    expected = (values << 4).view("<i2" if signed else "<u2") >> 4
    assert np.array_equal(stored, expected.view("<u2"))


def test_bits_below_those_stored(tmp_path: Path) -> None:
    header, values = twelve_bits()
    header.HighBit = 15
    header.PixelData = ((values << 4) | plane()).astype("<u2").tobytes()
    after, _ = cleaned(tmp_path, header)
    stored = np.frombuffer(after.PixelData, "<u2").reshape(128, 128)
    assert np.array_equal(stored, values << 4)


def test_bits_stay_gone_where_text_is_blanked(tmp_path: Path) -> None:
    header, values = twelve_bits()
    values = values.copy()
    letters = PIL.Image.new("L", (128, 128))
    ImageDraw.Draw(letters).text((2, 10), "SMITHSON J", fill=255, font=ImageFont.load_default(18))
    values[np.array(letters) > 127] = 4095
    header.PixelData = (values | (plane() << 12)).astype("<u2").tobytes()
    after, _ = cleaned(tmp_path, header, blank_text=True)
    assert after.PixelData != values.tobytes()
    assert not (np.frombuffer(after.PixelData, "<u2") >> 12).any()


def test_text_in_a_picture_of_single_bits_is_blanked(tmp_path: Path) -> None:
    canvas = PIL.Image.new("L", (256, 128))
    drawing = ImageDraw.Draw(canvas)
    drawing.text((10, 20), "SMITHSON J", fill=255, font=ImageFont.load_default(18))
    drawing.ellipse((120, 60, 200, 120), fill=255)
    bits = (np.array(canvas) > 127).astype(np.uint8)
    header = other_kind("1.2.840.10008.5.1.4.1.1.7.1", "OT")
    header.Rows, header.Columns, header.NumberOfFrames = 128, 256, 1
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 1
    header.HighBit = header.PixelRepresentation = 0
    header.ImageType, header.ConversionType = ["DERIVED", "SECONDARY"], "WSD"
    header.PixelData = pack_bits(bits)
    after, _ = cleaned(tmp_path, header, blank_text=True)
    assert len(after.PixelData) == len(header.PixelData)
    shown = pixel_array(after)
    assert not shown[15:45, 8:120].any()
    assert np.array_equal(shown[60:], bits[60:])


def test_a_change_of_bits_is_told(tmp_path: Path) -> None:
    header, values = twelve_bits()
    header.PixelData = (values | (plane() << 12)).astype("<u2").tobytes()
    done = deidentify([save(tmp_path / "source", header)], tmp_path / "out", pseudonym="CASE01")
    assert [finding.kind for finding in done.findings] == ["pixels"]


def jpeg(comment: bytes) -> bytes:
    stream = io.BytesIO()
    picture = np.random.default_rng(0).integers(0, 255, (128, 128), np.uint8)
    exif = PIL.Image.Exif()
    exif[0x010E] = SECRET.decode()
    PIL.Image.fromarray(picture).save(stream, "JPEG", comment=comment, exif=exif)
    return stream.getvalue()


def test_comments_of_jpeg(tmp_path: Path) -> None:
    header = small()
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit, header.PixelRepresentation = 7, 0
    header.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    data = jpeg(SECRET)
    # the comment lies across two fragments, and something follows the image
    cut = data.index(SECRET) + 8
    header.PixelData = encapsulate([data + SECRET])
    whole = pixel_array(header).copy()
    header.PixelData = encapsulate(
        [data[: cut - cut % 2], data[cut - cut % 2 :] + SECRET], has_bot=False
    )
    header["PixelData"].is_undefined_length = True
    after, written = cleaned(tmp_path, header)
    assert b"haldorsen" not in written and b"5551234" not in written
    assert np.array_equal(pixel_array(after), whole)


def j2k(extra: bytes) -> bytes:
    before = pydicom.dcmread(PACKAGED / "MR_small_jp2klossless.dcm").PixelData
    start, end = before.index(b"\xff\x4f\xff\x51"), before.rindex(b"\xff\xd9") + 2
    code = before[start:end]
    place = code.index(b"\xff\x64")
    comment = b"\xff\x64" + (len(extra) + 4).to_bytes(2, "big") + b"\0\1" + extra
    return code[:place] + comment + code[place:]


def test_comments_of_jpeg_2000() -> None:
    header = pydicom.dcmread(PACKAGED / "MR_small_jp2klossless.dcm")
    whole = pixel_array(header).copy()
    data = encapsulate([j2k(SECRET)])
    header.PixelData = clear_comments(data, JPEG2000Lossless, 1)
    assert SECRET in data and SECRET not in header.PixelData
    assert b"OpenJPEG" not in header.PixelData
    assert np.array_equal(pixel_array(header), whole)


@pytest.mark.parametrize(
    "name",
    ["MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_rle_2frame.dcm",
     "JPEGLSNearLossless_16.dcm", "SC_jpeg_no_color_transform.dcm", "693_J2KI.dcm",
     "SC_rgb_jpeg_app14_dcmd.dcm"],
)  # fmt: skip
def test_every_kind_of_stream_decodes_as_before(name: str) -> None:
    header = pydicom.dcmread(PACKAGED / name)
    whole = pixel_array(header).copy()
    syntax = header.file_meta.TransferSyntaxUID
    header.PixelData = clear_comments(header.PixelData, syntax, 1)
    assert np.array_equal(pixel_array(header), whole)


@pytest.mark.parametrize("cut", [3, 60, 100])
def test_a_damaged_stream_is_refused(cut: int) -> None:
    data = encapsulate([j2k(SECRET)[:cut]])
    with pytest.raises(InputError, match="damaged"):
        clear_comments(data, JPEG2000Lossless, 1)


def test_a_video_is_refused() -> None:
    with pytest.raises(InputError, match="video"):
        clear_comments(encapsulate([b"\0" * 8]), UID("1.2.840.10008.1.2.4.102"), 1)


def test_profiles_of_color_go(tmp_path: Path) -> None:
    header = small()
    header.ICCProfile = b"\0" * 128 + b"desc " + SECRET
    after, written = cleaned(tmp_path, header)
    assert "ICCProfile" not in after and b"haldorsen" not in written


def test_a_color_presentation_state_has_a_neutral_profile(tmp_path: Path) -> None:
    header = other_kind("1.2.840.10008.5.1.4.1.1.11.2", "PR")
    header.ICCProfile = b"\0" * 128 + b"desc " + SECRET
    after, written = cleaned(tmp_path, header)
    assert after.ICCProfile[36:40] == b"acsp" and b"haldorsen" not in written


def test_cut_pixels_are_refused(tmp_path: Path) -> None:
    source = save(tmp_path / "source", small())
    data = (source / "0.dcm").read_bytes()
    (source / "0.dcm").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError):
        deidentify([source], tmp_path / "out", pseudonym="CASE01")
    header = small()
    header.PixelData = header.PixelData[:-4]
    (tmp_path / "short").mkdir()
    with pytest.raises(InputError, match="cut off"):
        cleaned(tmp_path / "short", header)
    # a number of frames for which there is neither memory nor time
    header = small()
    header.NumberOfFrames = 2**31 - 1
    (tmp_path / "many").mkdir()
    with pytest.raises(InputError, match="cut off"):
        cleaned(tmp_path / "many", header)


def test_a_short_name_in_compressed_pixels_is_chance(tmp_path: Path) -> None:
    header = small()
    header.SpecificCharacterSet = "GB18030"
    header.PatientName = "Wang^Xiaodong=\u738b^\u5c0f\u4e1c"
    name = "\u5c0f\u4e1c".encode("gb18030")
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit, header.PixelRepresentation = 7, 0
    values = np.arange(128 * 128, dtype=np.uint8)
    values[200:204] = list(name)
    header.PixelData = values.tobytes()
    header.compress(RLELossless, generate_instance_uid=False)
    assert name in header.PixelData
    after, _ = cleaned(tmp_path, header)
    assert np.array_equal(pixel_array(after).ravel(), values)


@pytest.mark.parametrize("word", [b"Smithson", b"SMITHSON", b"JSmithson"])
def test_a_long_name_in_compressed_pixels_stops_everything(tmp_path: Path, word: bytes) -> None:
    header = small()
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit, header.PixelRepresentation = 7, 0
    values = np.arange(128 * 128, dtype=np.uint8)
    values[300 : 300 + len(word)] = list(word)
    header.PixelData = values.tobytes()
    header.compress(RLELossless, generate_instance_uid=False)
    with pytest.raises(ComputationError, match=r"still in .* \(PixelData\)"):
        cleaned(tmp_path, header)


@pytest.mark.parametrize(("keyword", "value"), [("BurnedInAnnotation", "YES"), ("Modality", "US")])
def test_images_that_often_have_text_are_named(tmp_path: Path, keyword: str, value: str) -> None:
    header = small()
    setattr(header, keyword, value)
    done = deidentify([save(tmp_path / "source", header)], tmp_path / "out", pseudonym="CASE01")
    told = [finding for finding in done.findings if "look at them" in finding.message]
    assert len(told) == 1 and len(told[0].files) == 1
