"""A DICOMweb archive: STOW-RS, QIDO-RS and WADO-RS by dicomweb-client."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset

from SynthCore.dicom.archive.address import WebAddress
from SynthCore.dicom.archive.archive import Held, Outgoing, Stored
from SynthCore.dicom.archive.query import SERIES_KEYS, FoundSeries, Query, found_series
from SynthCore.dicom.archive.session import PASSWORD, TOKEN, USER, open_session
from SynthCore.dicom.archive.status import is_warning, reason
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import integer, is_synthetic, items, text
from SynthCore.errors import ComputationError, InputError, SynthCoreError

TIMEOUT_S = 60.0
"""Of silence."""

_WHOLE = 2**31
"""Bytes of a request sent in one piece: what is sent in chunks cannot be sent twice."""

_CONFLICT = 409


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
        session = open_session(address)
        self._client = DICOMwebClient(address.url, session, timeout=TIMEOUT_S)
        self._sender = DICOMwebClient(address.url, session, timeout=TIMEOUT_S, chunk_size=_WHOLE)
        for client in (self._client, self._sender):
            # the client's own would try a wrong address five times, in silence
            client.set_http_retry_params(retry=False)

    @property
    def host(self) -> str:
        """Host and port."""
        return self._address.host

    def store(self, files: Sequence[Outgoing]) -> Iterator[Stored]:
        """Store each by a request of its own.

        Raises
        ------
        ComputationError
            If the archive does not answer, or is no DICOMweb service.
        """
        for file in files:
            with quiet():
                made = dcmread(file.path)  # elements that nobody reads are sent byte by byte
            with self._named():
                answer = self._send(made, file)
            yield answer

    def _send(self, made: Dataset, file: Outgoing) -> Stored:
        from requests import HTTPError

        try:
            return _answered(self._sender.store_instances([made]), file.uid)
        except HTTPError as error:
            if error.response is None or error.response.status_code != _CONFLICT:
                raise
            return _answered(Dataset.from_json(error.response.json()), file.uid)

    def held(self, study_uid: str, series_uid: str) -> Held | None:
        """By the metadata of the series; None where the service gives none."""
        from requests import HTTPError

        try:
            with self._named():
                told = self._client.retrieve_series_metadata(study_uid, series_uid)
                found = [Dataset.from_json(one) for one in told]
        except SynthCoreError as error:
            if isinstance(error.__cause__, HTTPError):
                return None
            raise
        return {text(one, "SOPInstanceUID"): is_synthetic(one) for one in found}

    def search(self, query: Query) -> tuple[FoundSeries, ...]:
        """Studies first, then the series of each.

        Raises
        ------
        ComputationError
            If the archive does not answer.
        """
        wanted = {
            "PatientID": query.patient_id,
            "AccessionNumber": query.accession_number,
            "StudyInstanceUID": query.study_uid,
        }
        with self._named():
            studies = self._client.search_for_studies(
                fields=["PatientID", "StudyDate", "StudyDescription"],
                search_filters={name: value for name, value in wanted.items() if value},
            )
            found = [
                found_series(study, Dataset.from_json(series))
                for study in map(Dataset.from_json, studies)
                for series in self._series(text(study, "StudyInstanceUID"), query)
            ]
        return tuple(one for one in found if one is not None and query.fits(one))

    def _series(self, study_uid: str, query: Query) -> list[dict[str, dict[str, Any]]]:
        filters = {"Modality": query.modality} if query.modality else {}
        fields = list(SERIES_KEYS[4:])
        found: list[dict[str, dict[str, Any]]] = []
        for uid in query.series_uids or ("",):
            only = {**filters, "SeriesInstanceUID": uid} if uid else filters
            found += self._client.search_for_series(study_uid, fields=fields, search_filters=only)
        return found

    def retrieve(self, series: FoundSeries) -> Iterator[bytes]:
        """As they lie in the archive, in their own transfer syntax.

        Raises
        ------
        ComputationError
            If the archive does not answer, or breaks off.
        """
        with self._named():
            there = self._client.iter_series(
                series.study_uid, series.series_uid, media_types=(("application/dicom", "*"),)
            )
        while True:
            with self._named():
                made = next(there, None)
                if made is None:
                    return
                file = io.BytesIO()
                dcmwrite(file, made, enforce_file_format=True)
            yield file.getvalue()

    @contextmanager
    def _named(self) -> Iterator[None]:
        from requests import HTTPError, RequestException
        from requests.exceptions import SSLError

        try:
            with quiet():
                yield
        except SynthCoreError:
            raise
        except HTTPError as error:
            raise _refused(error, self.host) from error
        except SSLError as error:
            raise ComputationError(
                f"The certificate of {self.host} could not be verified; set REQUESTS_CA_BUNDLE to "
                "the file of the authority that signed it."
            ) from error
        except (RequestException, OSError) as error:
            raise ComputationError(
                f"The archive {self.host} did not answer or broke off; check its address and "
                "whether it runs."
            ) from error
        except Exception as error:  # what no DICOMweb service says, the client meets in many ways
            raise ComputationError(
                f"{self.host} answered with something that is no DICOMweb; check the address up to "
                "its last part, such as /dicom-web."
            ) from error


def _refused(error: Any, host: str) -> SynthCoreError:
    status = error.response.status_code if error.response is not None else 0
    if status in (401, 403):
        return InputError(
            f"The archive {host} does not let you in (status {status}); set {USER} and {PASSWORD}, "
            f"or {TOKEN}."
        )
    if status in (400, 404, 405, 406, 415):
        return ComputationError(
            f"{host} has no DICOMweb service at that address (status {status}); check the address "
            "up to its last part, such as /dicom-web."
        )
    return ComputationError(f"The archive {host} refused (status {status}); look at its log.")


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
