"""Frames carry volumes exactly, and whatever else comes is told apart from a frame."""

from __future__ import annotations

import io
import json

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from SynthCore.errors import InputError
from SynthCore.image import Image, Source, make_affine
from SynthCore.protocol import (
    DTYPES,
    MAGIC,
    MAX_HEADER,
    MAX_PAYLOAD,
    PREFIX,
    Message,
    ProtocolError,
    encode,
    pack,
    read,
    read_all,
    unpack,
    write,
)


def frame(body: object, payload: bytes = b"", kind: object = "synthesize") -> bytes:
    """A frame whose header says anything at all."""
    header = json.dumps({"type": kind, "id": 1, "body": body}).encode()
    return PREFIX.pack(MAGIC, len(header), len(payload)) + header + payload


def volumes() -> dict[str, Image]:
    """One volume of every type, each of its own shape and on an oblique grid."""
    random = np.random.default_rng(0)
    found = {}
    for n, dtype in enumerate((*DTYPES, ">f4", ">i2", "?")):
        rotation = Rotation.from_euler("xyz", random.uniform(-180, 180, 3), degrees=True)
        direction = rotation.as_matrix() * (-1 if n % 2 else 1)
        affine = make_affine((0.7, 1.3, 5.0), tuple(random.uniform(-300, 300, 3)), direction)
        voxels = random.integers(0, 120, (2 + n, 3, 5)).astype(dtype)
        source = Source("dicom", "", f"1.2.{n}")
        found[f"v{n}"] = Image(voxels, affine, "T1", "HU" if n else "1", source, ("a note",))
    return found


def through(message: Message, payload: list[bytes] | None = None) -> Message:
    stream = io.BytesIO()
    write(stream, message, payload)
    stream.seek(0)
    found = read(stream)
    assert found is not None
    assert read(stream) is None
    return found


def test_volumes_of_every_type_come_back_exactly() -> None:
    given_volumes = volumes()
    entries, payload = pack(given_volumes)
    found = unpack(through(Message("synthesize", 7, {"volumes": entries}), payload))
    assert list(found) == list(given_volumes)
    for name, image in given_volumes.items():
        back = found[name]
        assert np.array_equal(back.voxels, image.voxels)
        assert back.voxels.dtype.itemsize == image.voxels.dtype.itemsize
        assert np.array_equal(back.affine, image.affine)
        assert (back.modality, back.unit, back.notes) == ("T1", image.unit, ("a note",))
        assert back.source == image.source


@pytest.mark.parametrize("dtype", ["<f2", "<i8", "<u8", ">i8"])
def test_a_type_that_does_not_travel_is_widened_or_kept_in_value(dtype: str) -> None:
    image = Image(np.arange(24).reshape(2, 3, 4).astype(dtype), np.eye(4))
    entries, payload = pack({"T1": image})
    found = unpack(through(Message("synthesize", 1, {"volumes": entries}), payload))["T1"]
    assert found.voxels.dtype.kind == "f"
    assert np.array_equal(found.voxels, image.voxels)


def test_a_view_with_strides_is_written_in_order() -> None:
    voxels = np.arange(60, dtype=np.float32).reshape(3, 4, 5)[::-1, :, ::2]
    entries, payload = pack({"T1": Image(voxels, np.eye(4))})
    found = unpack(through(Message("synthesize", 1, {"volumes": entries}), payload))["T1"]
    assert np.array_equal(found.voxels, voxels)


def test_no_volume_is_copied_on_its_way_out() -> None:
    image = Image(np.zeros((4, 8, 8), np.float32), np.eye(4))
    _, payload = pack({"T1": image})
    pieces = encode(Message("synthesize", 1), payload)
    assert np.shares_memory(np.frombuffer(pieces[1], np.float32), image.voxels)


def test_many_frames_follow_each_other() -> None:
    stream = io.BytesIO()
    for n in range(5):
        write(stream, Message("log", n, {"text": "ÄÖÜ \u2028" * n}, bytes(n)))
    stream.seek(0)
    found = list(read_all(stream))
    assert [m.id for m in found] == list(range(5))
    assert found[3].body["text"] == "ÄÖÜ \u2028" * 3
    assert bytes(found[4].payload) == bytes(4)


def test_a_login_message_is_named_as_the_likely_cause() -> None:
    with pytest.raises(ProtocolError, match="login message"):
        read(io.BytesIO(b"Welcome to the cluster!\n" + frame({})))


@pytest.mark.parametrize(
    "data",
    [
        PREFIX.pack(MAGIC, MAX_HEADER + 1, 0),
        PREFIX.pack(MAGIC, 2, MAX_PAYLOAD + 1) + b"{}",
        PREFIX.pack(MAGIC, MAX_HEADER, MAX_PAYLOAD) + b"{}",
        PREFIX.pack(MAGIC, 5, 0) + b"{}",
        frame({}, bytes(20))[:-1],
        frame({})[:7],
        PREFIX.pack(MAGIC, 0, 0),
        PREFIX.pack(MAGIC, 1, 0) + b"\xff",
        PREFIX.pack(MAGIC, 4000, 0) + b"[" * 4000,
        frame([]),
        frame("text"),
        frame({}, kind=5),
    ],
)
def test_what_is_no_frame_is_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(io.BytesIO(data))


ENTRY = {"name": "T1", "shape": [1, 2, 2], "dtype": "<i2", "affine": np.eye(4).ravel().tolist()}


def test_the_entry_that_the_next_test_breaks_is_right() -> None:
    found = read(io.BytesIO(frame({"volumes": [ENTRY]}, bytes(8))))
    assert found is not None
    assert unpack(found)["T1"].shape == (1, 2, 2)


@pytest.mark.parametrize(
    "volumes",
    [
        5,
        "T1",
        {"T1": ENTRY},
        [5],
        [[]],
        [None],
        [ENTRY, ENTRY],
        [{}],
        *(
            [[{**ENTRY, "shape": shape}] for shape in (
                [1, 2, 3], [2, 2], [0, 2, 2], [-1, -2, 2], [2**62, 2, 2], ["a", 2, 2], 5, None,
                [1, 2, float("inf")], [1, 2, float("nan")], [1, 1, 1],
            )]
        ),
        *(
            [[{**ENTRY, "affine": affine}] for affine in (
                None, [], [0.0] * 16, [float("nan")] * 16, ["a"] * 16, [1e300] * 16,
                [[1, 2], [3]], np.diag([1e200, 1e200, 1e200, 1]).ravel().tolist(), list(range(16)),
            )]
        ),
        [{**ENTRY, "dtype": "O"}],
        [{**ENTRY, "dtype": "<U9"}],
        [{**ENTRY, "dtype": ">i2"}],
        [{**ENTRY, "notes": 5}],
    ],
)  # fmt: skip
def test_a_wrong_description_of_a_volume_is_an_input_error(volumes: object) -> None:
    found = read(io.BytesIO(frame({"volumes": volumes}, bytes(8))))
    assert found is not None
    with pytest.raises(InputError):
        unpack(found)


def _valid() -> bytes:
    entries, payload = pack(volumes())
    return b"".join(encode(Message("synthesize", 3, {"volumes": entries, "task": "x"}), payload))


VALID = _valid()


@settings(max_examples=400, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), min_size=1, max_size=8
    ),
    cut=st.one_of(st.none(), st.integers(0, len(VALID))),
    header_only=st.booleans(),
)
def test_changed_bytes_never_raise_anything_else(
    changes: list[tuple[int, int]], cut: int | None, header_only: bool
) -> None:
    data = bytearray(VALID)
    header = PREFIX.unpack(VALID[: PREFIX.size])[1] + PREFIX.size
    for place, value in changes:
        data[place % header if header_only else place] = value
    try:
        for message in read_all(io.BytesIO(bytes(data[:cut]))):
            unpack(message)
    except (ProtocolError, InputError):
        pass


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), magic=st.booleans())
def test_noise_never_raises_anything_else(data: bytes, magic: bool) -> None:
    try:
        for message in read_all(io.BytesIO((MAGIC if magic else b"") + data)):
            unpack(message)
    except (ProtocolError, InputError):
        pass


def test_a_forged_length_takes_no_memory_by_itself() -> None:
    class Short(io.BytesIO):
        taken = 0

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            self.taken = max(self.taken, psutil.Process().memory_info().rss)
            return super().readinto(buffer)

    before = psutil.Process().memory_info().rss
    stream = Short(PREFIX.pack(MAGIC, 2, MAX_PAYLOAD) + b"{}" + bytes(1000))
    with pytest.raises(ProtocolError):
        read(stream)
    assert stream.taken < before + 100e6


@pytest.mark.parametrize("mark", ["", "YES", "PHANTOM"])
def test_whether_a_volume_is_synthetic_travels_with_it(mark: str) -> None:
    image = Image(np.zeros((2, 2, 2), np.int16), np.eye(4), "CT", "HU", synthetic=mark)  # type: ignore[arg-type]
    entries, pieces = pack({"CT": image})
    payload = b"".join(pieces)
    assert unpack(Message("evaluate", 1, {"volumes": entries}, payload))["CT"].synthetic == mark
    entries[0]["synthetic"] = ["YES"]
    with pytest.raises(InputError, match="not described correctly"):
        unpack(Message("evaluate", 1, {"volumes": entries}, payload))
