"""Multipart bodies of DICOMweb: one object out, many objects in, each as the bytes it is.

dicomweb-client reads each object into a data set and writes it anew, takes a body that breaks off
for a whole one, and inflates what is deflated before anyone can look at it.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Iterator
from email.message import Message

from SynthCore.errors import ComputationError

MOST_BYTES = 2**32
"""Of one object; a DICOM element cannot be longer."""


def one_part(data: bytes) -> tuple[io.BytesIO, str]:
    """A body with one object, and its content type."""
    boundary = secrets.token_hex(16)
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = io.BytesIO(b"".join((head, data, f"\r\n--{boundary}--\r\n".encode())))
    # a stream is sent piece by piece, and each piece has the time that the whole would have had
    return body, f'multipart/related; type="application/dicom"; boundary="{boundary}"'


def parts(pieces: Iterable[bytes], content_type: str, host: str) -> Iterator[bytes]:
    """The objects of a body as they come in.

    Parameters
    ----------
    pieces : iterable of bytes
        The body, in pieces of any length.
    content_type : str
        Of the answer; names the boundary.
    host : str
        For messages.

    Raises
    ------
    ComputationError
        If it is no multipart body, ends before its end, or a part is too long.
    """
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_maintype() != "multipart" or not isinstance(boundary, str):
        raise ComputationError(f"{host} answered with {content_type!r} instead of DICOM objects.")
    mark = b"\r\n--" + boundary.encode("ascii", "ignore")
    kept = bytearray(b"\r\n")  # the first boundary has no line before it
    inside, searched = False, 0
    for piece in pieces:
        kept += piece
        while (at := kept.find(mark, searched)) >= 0 and len(kept) >= at + len(mark) + 2:
            if inside:
                yield _content(kept[:at])
            end = at + len(mark)
            if kept[end : end + 2] == b"--":
                return
            del kept[:end]
            inside, searched = True, 0
        searched = max(0, len(kept) - len(mark) - 2) if at < 0 else at
        if len(kept) > MOST_BYTES:
            raise ComputationError(f"{host} sent an object of more than 4 GiB; nothing was kept.")
    raise ComputationError(f"{host} broke off within its answer; nothing was kept, try again.")


def _content(part: bytearray) -> bytes:
    _, _, content = bytes(part).partition(b"\r\n\r\n")
    return content
