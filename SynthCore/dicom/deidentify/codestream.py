"""Comments and application data in compressed pixels, overwritten where they stand.

Every length stays, so offset tables and fragments hold, and what a decoder makes of the pixels is
the same. JPEG: ITU-T T.81, annex B; JPEG-LS: T.87, annex C; JPEG 2000: T.800, annexes A and I.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pydicom.uid import UID, JPEG2000TransferSyntaxes, JPEGTransferSyntaxes, RLELossless

from SynthCore.errors import InputError

_JPEG_2000 = (*JPEG2000TransferSyntaxes,)
_HIGH_THROUGHPUT = "1.2.840.10008.1.2.4.20"
_JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")

_SOC, _SOT, _SOD, _EOC, _COM_2000 = b"\xff\x4f", b"\xff\x90", b"\xff\x93", b"\xff\xd9", b"\xff\x64"
_KEPT_BOXES = (b"jP  ", b"ftyp", b"jp2h", b"jp2c")


def clear_comments(data: bytes, syntax: UID, number: int) -> bytes:
    """The encapsulated pixels `data` with zeros for whatever is not about decoding.

    Parameters
    ----------
    data : bytes
        PixelData with its items.
    syntax : UID
        Its transfer syntax.
    number : int
        Of the file in the order of the paths, for errors.

    Raises
    ------
    InputError
        If the stream is damaged or of a kind that cannot be looked through, such as a video.
    """
    start: tuple[bytes, ...]
    what = f"The pixels of DICOM file {number} in the order of the paths"
    if syntax in _JPEG_2000 or str(syntax).startswith(_HIGH_THROUGHPUT):
        clear, start = _jpeg_2000, (_SOC, b"\0\0\0\x0cjP  ")
    elif syntax in JPEGTransferSyntaxes or syntax in _JPEG_LS:
        clear, start = _jpeg, (b"\xff\xd8",)
    elif syntax == RLELossless:
        clear, start = _rle, (b"",)
    else:
        raise InputError(f"{what} are a video or another stream that cannot be looked through.")
    out = bytearray(data)
    try:
        for frame in _frames(data, start):
            code = bytearray(b"".join(data[a:b] for a, b in frame))
            clear(code)
            place = 0
            for a, b in frame:
                out[a:b] = code[place : place + b - a]
                place += b - a
    except (IndexError, ValueError) as error:
        raise InputError(f"{what} are damaged; take it out.") from error
    return bytes(out)


def _frames(data: bytes, start: tuple[bytes, ...]) -> Iterator[list[tuple[int, int]]]:
    """The fragments of each frame, as places in `data` (PS3.5, A.4)."""
    fragments = []
    place = 0
    while place + 8 <= len(data) and data[place : place + 4] == b"\xfe\xff\x00\xe0":
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        fragments.append((place + 8, place + 8 + size))
        place += 8 + size
    if place > len(data) or len(fragments) < 2:
        raise ValueError("no fragments")
    fragments = [(a, b) for a, b in fragments[1:] if b > a]  # the first is the offset table
    firsts = [n for n, (a, _) in enumerate(fragments) if data.startswith(start, a)]
    if not firsts or firsts[0] != 0:
        raise ValueError("no frame")
    for first, following in pairwise((*firsts, len(fragments))):
        yield fragments[first:following]


def _zero(code: bytearray, begin: int, end: int) -> None:
    if not 0 <= begin <= len(code):
        raise ValueError("beyond the end")
    end = min(end, len(code))
    code[begin:end] = bytes(max(0, end - begin))


def _segment(code: bytearray, place: int) -> int:
    """Where the marker segment at `place` ends."""
    end = place + 2 + int.from_bytes(code[place + 2 : place + 4], "big")
    if end < place + 4 or end > len(code):
        raise ValueError("a segment of no length")
    return end


def _jpeg(code: bytearray) -> None:
    place = 2
    while True:
        if code[place] != 0xFF:
            raise ValueError("no marker")
        while code[place + 1] == 0xFF:
            place += 1
        marker = code[place + 1]
        if marker == 0xD9:
            _zero(code, place + 2, len(code))
            return
        end = _segment(code, place)
        if marker == 0xFE or 0xE0 <= marker <= 0xEF:
            _zero(code, place + 4 + _needed(code, marker, place + 4), end)
        place = end
        if marker == 0xDA:
            place = _after_scan(code, place)
            if place < 0:
                return  # without its end, as some write it


def _needed(code: bytearray, marker: int, body: int) -> int:
    """How many bytes of an application segment decoding depends on."""
    if marker == 0xE0 and code.startswith(b"JFIF\0", body):
        code[body + 12 : body + 14] = b"\0\0"  # the size of a thumbnail
        return 14
    if marker == 0xEE and code.startswith(b"Adobe", body):
        return 12
    return 5 if marker == 0xE8 and code.startswith(b"mrfx", body) else 0


def _after_scan(code: bytearray, place: int) -> int:
    """The next marker that does not belong to the entropy-coded data, -1 at the end."""
    place = code.find(b"\xff", place)
    while 0 <= place < len(code) - 1:
        following = code[place + 1]
        if following >= 0x80 and following != 0xFF and not 0xD0 <= following <= 0xD7:
            return place
        place = code.find(b"\xff", place + 1)
    return -1


def _jpeg_2000(code: bytearray) -> None:
    place = _boxes(code) if not code.startswith(_SOC) else 0
    place = _header(code, place + 2, _SOT)
    while code[place : place + 2] == _SOT:
        length = int.from_bytes(code[place + 6 : place + 10], "big")
        _header(code, place, _SOD)
        place = place + length if length else code.rfind(_EOC)
        if length in range(1, 14) or place < 0:
            raise ValueError("a tile of no length")
    if code[place : place + 2] == _EOC:
        _zero(code, place + 2, len(code))


def _header(code: bytearray, place: int, last: bytes) -> int:
    while (marker := bytes(code[place : place + 2])) != last or marker == b"":
        end = _segment(code, place)
        if marker == _COM_2000:
            _zero(code, place + 4, end)
        place = end
    return place


def _boxes(code: bytearray) -> int:
    """Clear what a file wrapped round the codestream; where that begins."""
    place = 0
    while place + 8 <= len(code):
        size, kind = int.from_bytes(code[place : place + 4], "big"), bytes(code[place + 4 :][:4])
        if kind == b"jp2c":
            return place + (16 if size == 1 else 8)
        if size < 8:
            break
        if kind not in _KEPT_BOXES:
            _zero(code, place + 8, place + size)
        place += size
    raise ValueError("no codestream")


def _rle(code: bytearray) -> None:
    used = 4 + 4 * int.from_bytes(code[:4], "little")
    if not 8 <= used <= 64 <= len(code):
        raise ValueError("no header")
    _zero(code, used, 64)
