"""A DICOMweb archive: QIDO-RS by dicomweb-client, STOW-RS and WADO-RS byte by byte."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from pydicom.dataset import Dataset

from SynthCore.dicom.archive.address import WebAddress
from SynthCore.dicom.archive.archive import Held, Outgoing, Stored
from SynthCore.dicom.archive.complete import complete
from SynthCore.dicom.archive.multipart import one_part, parts
from SynthCore.dicom.archive.query import SERIES_KEYS, STUDY_KEYS, FoundSeries, Query
from SynthCore.dicom.archive.session import open_session
from SynthCore.dicom.archive.status import is_warning, reason
from SynthCore.dicom.archive.web_errors import named_errors
from SynthCore.dicom.headers import integer, is_synthetic, items, text

TIMEOUT_S = 60.0
"""Of silence."""

_CONFLICT = 409
_NOT_THERE = (404, 410)
_PIECE = 2**18


class WebArchive:
    """A DICOMweb service.

    Parameters
    ----------
    address : WebAddress
        Where it is.

    Raises
    ------
    InputError
        If a password would cross a network that can be read.
    """

    def __init__(self, address: WebAddress) -> None:
        from dicomweb_client.web import DICOMwebClient

        self._address = address
        self._session = open_session(address)
        self._client = DICOMwebClient(address.url, self._session, timeout=TIMEOUT_S)
        # the client's own would try a wrong address five times, in silence
        self._client.set_http_retry_params(retry=False)

    @property
    def host(self) -> str:
        """Host and port."""
        return self._address.host

    def store(self, files: Sequence[Outgoing]) -> Generator[Stored, None, None]:
        """Store each by a request of its own.

        Raises
        ------
        ComputationError
            If the archive does not answer, or is no DICOMweb service.
        """
        for file in files:
            data = file.data()
            with self._named():
                answer = self._store(data, file.uid)
            yield answer

    def _store(self, data: bytes, uid: str) -> Stored:
        body, content_type = one_part(data)
        response = self._session.post(
            f"{self._address.url}/studies",
            data=body,
            headers={"Content-Type": content_type, "Accept": "application/dicom+json"},
            timeout=TIMEOUT_S,
        )
        if response.status_code != _CONFLICT:
            response.raise_for_status()
        return _answered(Dataset.from_json(response.json()), uid)

    def held(self, study_uid: str, series_uid: str) -> Held | None:
        """By the metadata of the series; None where the service gives none of what it holds."""
        from requests import HTTPError

        with self._named():
            try:
                told = self._client.retrieve_series_metadata(study_uid, series_uid)
            except HTTPError as error:
                response = error.response
                gone = response is not None and response.status_code in _NOT_THERE
                return {} if gone else None
            found = [Dataset.from_json(one) for one in told]
        return {text(one, "SOPInstanceUID"): is_synthetic(one) for one in found}

    def search(self, query: Query) -> tuple[FoundSeries, ...]:
        """Studies first, then the series of each.

        Raises
        ------
        InputError
            If a series that was named is not there.
        ComputationError
            If the archive does not answer, or not with all that fits.
        """
        wanted = {
            "PatientID": query.patient_id,
            "AccessionNumber": query.accession_number,
            "StudyInstanceUID": query.study_uid,
        }
        with self._named():
            studies = self._client.search_for_studies(
                fields=[key for key in STUDY_KEYS if key != "StudyInstanceUID"],
                search_filters={name: value for name, value in wanted.items() if value},
            )
            return complete(query, map(Dataset.from_json, studies), self._series, self.host)

    def doubt(self, query: Query) -> str:
        """Some do not decode what is looked for: the DICOMweb plugin 1.7 of Orthanc does not."""
        if all(quote(one, safe="") == one for one in (query.patient_id, query.accession_number)):
            return ""
        return (
            f"The archive {self.host} may not understand by DICOMweb what holds more than plain "
            "letters, digits, points and dashes; look by its DIMSE address (AET@host:port) or with "
            "--study."
        )

    def _series(self, study_uid: str, series_uid: str, modality: str) -> list[Dataset]:
        wanted = {"SeriesInstanceUID": series_uid, "Modality": modality}
        answers = self._client.search_for_series(
            study_uid,
            fields=list(SERIES_KEYS),
            search_filters={name: value for name, value in wanted.items() if value},
        )
        return [Dataset.from_json(one) for one in answers]

    def retrieve(self, series: FoundSeries) -> Iterator[bytes]:
        """As they lie in the archive, in their own transfer syntax.

        Raises
        ------
        ComputationError
            If the archive does not answer, or breaks off.
        """
        url = f"{self._address.url}/studies/{series.study_uid}/series/{series.series_uid}"
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
        with self._named():
            response = self._session.get(
                url, headers={"Accept": accept}, stream=True, timeout=TIMEOUT_S
            )
            response.raise_for_status()
            content_type = response.headers.get("Content-Type", "")
            objects = parts(response.iter_content(_PIECE), content_type, self.host)
        with response:
            while True:
                with self._named():
                    data = next(objects, None)
                if data is None:
                    return
                yield data

    @contextmanager
    def _named(self) -> Iterator[None]:
        with named_errors(self.host):
            yield


def _answered(answer: Dataset, uid: str) -> Stored:
    """Of one object, by the answer's sequences; PS3.18 table I.1-1."""
    for item in items(answer, "FailedSOPSequence"):
        if text(item, "ReferencedSOPInstanceUID") in (uid, ""):
            return Stored(uid, trouble=reason(integer(item, "FailureReason")))
    for item in items(answer, "ReferencedSOPSequence"):
        status = integer(item, "WarningReason")
        if text(item, "ReferencedSOPInstanceUID") == uid:
            return Stored(uid, warning=reason(status) if is_warning(status) else "")
    return Stored(uid, trouble="it did not say that it was stored")
