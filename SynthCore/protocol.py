"""The wire format between the engine's worker and whoever asks it: frames on two pipes.

Frame
    ``SYN1``, the header's length (uint32, little endian), the payload's length (uint64, little
    endian), the header (JSON, UTF-8), the payload (raw bytes).
Request
    From the client: ``hello``, ``models``, ``preview``, ``synthesize``, ``evaluate``,
    ``plan-check``, ``teach``, ``lesion``, ``remove``, ``cancel``, ``shutdown``; its id is the
    client's choice and comes back on every event it causes.
Event
    From the worker: ``progress``, ``log``, ``result``, ``refused``, ``error``, ``cancelled``.
    Each request ends with exactly one of the last four.
Volume
    An entry of the header's ``volumes`` (shape [k, j, i], dtype, LPS affine) and its voxels in
    the payload, little endian, C order, in the order of the entries.

A frame may come from another machine, or from a login message in front of it: lengths, types and
shapes are checked before a byte is taken for a voxel.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast, get_args

import numpy as np

from SynthCore.errors import ComputationError, InputError
from SynthCore.image import Image, Source, Synthetic

VERSION = 1
MAGIC = b"SYN1"
PREFIX = struct.Struct("<4sIQ")
MAX_HEADER = 1 << 24
MAX_PAYLOAD = 1 << 36
DTYPES = ("<f4", "<f8", "<i2", "<u2", "<i4", "<u4", "|u1", "|i1")
"""Voxel types that travel, as `numpy.dtype.str` gives them; bool travels as ``|u1``."""

REQUESTS = (
    "hello", "models", "preview", "synthesize", "evaluate", "plan-check", "teach", "lesion",
    "remove", "cancel", "shutdown",
)  # fmt: skip
EVENTS = ("progress", "log", "result", "refused", "error", "cancelled")
MASK = "mask"
"""Name of the volume that is no input but the region to work in."""
CANCELLED = "Cancelled; nothing was made."
"""What a ``cancelled`` event says."""
LAST_EVENTS = frozenset({"result", "refused", "error", "cancelled"})

Buffer = bytes | bytearray | memoryview


class ProtocolError(ComputationError):
    """What came through the pipe is not a frame of this protocol."""


@dataclass(frozen=True)
class Message:
    """A request or an event.

    Attributes
    ----------
    type : str
        One of `REQUESTS` or `EVENTS`.
    id : int
        Of the request it is, or belongs to.
    body : mapping
        JSON values.
    payload : bytes-like
        Voxels of the body's ``volumes``.
    """

    type: str
    id: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    payload: Buffer = field(default=b"", repr=False)


def encode(message: Message, payload: Iterable[Buffer] | None = None) -> list[Buffer]:
    """The frame in pieces, so that no volume is copied; `payload` replaces the message's own."""
    pieces = [memoryview(piece).cast("B") for piece in (payload or (message.payload,))]
    header = json.dumps(
        {"type": message.type, "id": message.id, "body": message.body}, separators=(",", ":")
    ).encode()
    size = sum(len(piece) for piece in pieces)
    return [PREFIX.pack(MAGIC, len(header), size) + header, *pieces]


def write(stream: BinaryIO, message: Message, payload: Iterable[Buffer] | None = None) -> None:
    """Write one frame and flush."""
    for piece in encode(message, payload):
        stream.write(piece)
    stream.flush()


def read(stream: BinaryIO) -> Message | None:
    """The next frame, or None where the stream ends between two frames.

    Raises
    ------
    ProtocolError
        If the bytes are no frame, or end within one.
    """
    prefix = _exactly(stream, PREFIX.size, may_end=True)
    if prefix is None:
        return None
    magic, header_size, payload_size = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise ProtocolError(
            "The engine's output is not its protocol; let its command print nothing else "
            "(a login message, for one)."
        )
    if header_size > MAX_HEADER or payload_size > MAX_PAYLOAD:
        raise ProtocolError("A message is too long; the engine and its client do not fit together.")
    header = _exactly(stream, header_size)
    payload = _exactly(stream, payload_size)
    assert header is not None and payload is not None  # noqa: S101 (only may_end gives None)
    return _message(header, payload)


def read_all(stream: BinaryIO) -> Iterator[Message]:
    """Frames until the stream ends."""
    while (message := read(stream)) is not None:
        yield message


def _message(header: Buffer, payload: Buffer) -> Message:
    try:
        data = json.loads(bytes(header))
        kind, number, body = data["type"], data["id"], data["body"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ProtocolError("A message's header cannot be read.") from None
    if not isinstance(kind, str) or not isinstance(number, int) or not isinstance(body, dict):
        raise ProtocolError("A message's header has the wrong fields.")
    return Message(kind, number, body, memoryview(payload))


def _exactly(stream: BinaryIO, size: int, may_end: bool = False) -> Buffer | None:
    # np.empty takes memory only as the bytes come (a forged length takes none by itself), and
    # within the read, where no other thread waits: a reader beside a window must not stall it
    try:
        parts: memoryview = np.empty(size, dtype=np.uint8).data
    except MemoryError:
        raise ProtocolError("A message is too long for the memory of this machine.") from None
    got = 0
    while got < size:
        count = stream.readinto(parts[got:])  # type: ignore[attr-defined]
        if not count:
            if may_end and got == 0:
                return None
            raise ProtocolError("The engine's output ended within a message.")
        got += count
    return parts


def pack(volumes: Mapping[str, Image]) -> tuple[list[dict[str, Any]], list[Buffer]]:
    """Entries for a body's ``volumes`` and the payload's pieces, by name (role or ``mask``)."""
    entries: list[dict[str, Any]] = []
    pieces: list[Buffer] = []
    for name, image in volumes.items():
        voxels = image.voxels
        if voxels.dtype == np.bool_:
            voxels = voxels.view(np.uint8)
        voxels = np.ascontiguousarray(voxels, dtype=voxels.dtype.newbyteorder("<"))
        if voxels.dtype.str not in DTYPES:
            voxels = voxels.astype("<f8" if voxels.dtype.itemsize > 4 else "<f4")
        entries.append(
            {
                "name": name,
                "shape": list(image.shape),
                "dtype": voxels.dtype.str,
                "affine": [float(v) for v in image.affine.ravel()],
                "modality": image.modality,
                "unit": image.unit,
                "notes": list(image.notes),
                "synthetic": image.synthetic,
                "series_uid": image.source.series_uid,
                "kind": image.source.kind,
                "stated": _stated(image),
            }
        )
        pieces.append(voxels.data.cast("B"))
    return entries, pieces


def unpack(message: Message) -> dict[str, Image]:
    """The volumes of a message by name; their voxels are views of its payload.

    Raises
    ------
    InputError
        If an entry does not describe a volume, or the payload does not hold it.
    """
    out: dict[str, Image] = {}
    start = 0
    payload = memoryview(message.payload)
    entries = message.body.get("volumes", [])
    if not isinstance(entries, list):
        raise InputError(f"The volumes of a {message.type} message are not a list.")
    for entry in entries:
        try:
            name, dtype = str(entry["name"]), str(entry["dtype"])
            shape = tuple(entry["shape"])
            if not all(type(n) is int for n in shape):
                raise ValueError
            if dtype not in DTYPES or len(shape) != 3 or min(shape) < 1 or name in out:
                raise ValueError
            size = math.prod(shape) * np.dtype(dtype).itemsize
            if start + size > len(payload):
                raise ValueError
            voxels = np.frombuffer(payload[start : start + size], dtype=dtype).reshape(shape)
            affine = np.array(entry["affine"], dtype=np.float64).reshape(4, 4)
            source = Source(
                str(entry.get("kind", "memory")), "", str(entry.get("series_uid", "")),
                headers=_headers(entry.get("stated", {})),
            )  # fmt: skip
            out[name] = Image(
                voxels, affine, str(entry.get("modality", "")), str(entry.get("unit", "1")),
                source, tuple(str(note) for note in entry.get("notes", ())), _mark(entry),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, OverflowError):
            raise InputError(
                f"Volume {len(out) + 1} of a {message.type} message is not described correctly; "
                "the engine and its client do not fit together."
            ) from None
        start += size
    if start != len(payload):
        raise InputError(f"A {message.type} message holds more bytes than its volumes.")
    return out


def _mark(entry: Mapping[str, Any]) -> Synthetic:
    mark = entry.get("synthetic", "")
    if mark not in get_args(Synthetic):
        raise ValueError
    return cast(Synthetic, mark)


def _stated(image: Image) -> dict[str, str]:
    """Modality and frame of reference as the source's header has them, for the engine's checks."""
    if not image.source.headers:
        return {}
    from SynthCore.dicom.stated import stated  # pydicom is loaded only where there is DICOM

    return stated(image.source.headers[0])


def _headers(values: Mapping[str, Any]) -> tuple[Any, ...]:
    if not isinstance(values, Mapping):
        raise TypeError
    if not values:
        return ()
    from SynthCore.dicom.stated import header_of

    return (header_of(values),)
