"""Send synthetic series to an archive and fetch series from it: DICOMweb and DIMSE.

An archive is named by its address (`address`): a DICOMweb service by its URL, a DICOM node as
``AET@host:port``. `send` stores files and asks the archive what it holds then; `search` and `fetch`
find series and bring them here. Nothing of this happens unless someone asks for it.
"""

from __future__ import annotations

from SynthCore.dicom.archive.address import parse_address
from SynthCore.dicom.archive.connect import connect
from SynthCore.dicom.archive.fetch import fetch
from SynthCore.dicom.archive.outgoing import outgoing
from SynthCore.dicom.archive.query import FoundSeries, Query
from SynthCore.dicom.archive.send import send
from SynthCore.dicom.archive.sent import Sent

__all__ = ["FoundSeries", "Query", "Sent", "connect", "fetch", "outgoing", "parse_address", "send"]
