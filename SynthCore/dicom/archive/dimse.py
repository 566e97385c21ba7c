"""A DICOM node as an archive: C-STORE, C-FIND and C-GET by pynetdicom."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset

from SynthCore.dicom.archive.address import NodeAddress
from SynthCore.dicom.archive.archive import Held, Outgoing, Stored
from SynthCore.dicom.archive.association import Dial
from SynthCore.dicom.archive.classes import FETCHED_CLASSES, FETCHED_SYNTAXES
from SynthCore.dicom.archive.complete import complete
from SynthCore.dicom.archive.query import SERIES_KEYS, STUDY_KEYS, FoundSeries, Query
from SynthCore.dicom.archive.status import is_warning, reason
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import SYNTHETIC_DATA, is_synthetic, text
from SynthCore.errors import ComputationError

OWN_TITLE = "SYNTHCORE"
"""The application entity title that this program calls itself by, unless told another."""

_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
_GET = "1.2.840.10008.5.1.4.1.2.2.3"
_SUCCESS = 0x0000
_PENDING = (0xFF00, 0xFF01)


class NodeArchive:
    """A DICOM node that stores, finds and gives (study root).

    Parameters
    ----------
    address : NodeAddress
        Where it is.
    own_title : str
        What this program calls itself; many archives let in only those they know.
    """

    def __init__(self, address: NodeAddress, own_title: str = OWN_TITLE) -> None:
        self._dial = Dial(address, own_title)

    @property
    def host(self) -> str:
        """Title, host and port."""
        return self._dial.address.host

    def store(self, files: Sequence[Outgoing]) -> Generator[Stored, None, None]:
        """Store each by C-STORE, all in one association.

        Raises
        ------
        ComputationError
            If the archive does not take the association, or breaks it off.
        """
        from pynetdicom import build_context

        syntaxes: dict[str, list[str]] = {}
        for file in files:
            known = syntaxes.setdefault(file.class_uid, [])
            if file.transfer_syntax not in known:
                known.append(file.transfer_syntax)
        # a context for each pair: of several syntaxes in one, the archive takes only one
        contexts = [build_context(uid, one) for uid, some in syntaxes.items() for one in some]
        with self._dial.association(contexts) as association:
            for file in files:
                yield self._store(association, file)

    def _store(self, association: Any, file: Outgoing) -> Stored:
        try:
            with quiet():
                answer = association.send_c_store(dcmread(io.BytesIO(file.data())))
        except ValueError:  # no context of its class and syntax was accepted
            return Stored(file.uid, trouble="it takes no objects of that kind and encoding")
        except RuntimeError as error:
            raise self._dial.broken() from error
        status = self._status(answer)
        if status == _SUCCESS:
            return Stored(file.uid)
        if is_warning(status):
            return Stored(file.uid, warning=reason(status))
        return Stored(file.uid, trouble=reason(status))

    def held(self, study_uid: str, series_uid: str) -> Held | None:
        """By C-FIND; an archive that does not tell SyntheticData leaves open what it kept."""
        from pynetdicom import build_context

        keys = _keys("IMAGE", StudyInstanceUID=study_uid, SeriesInstanceUID=series_uid,
                     SOPInstanceUID="")  # fmt: skip
        keys.add_new(SYNTHETIC_DATA, "CS", "")
        with self._dial.association([build_context(_FIND)], may_refuse=True) as association:
            if association is None:
                return None
            found = self._find(association, keys)
        return None if found is None else {
            text(one, "SOPInstanceUID"): _is_marked(one) for one in found
        }  # fmt: skip

    def search(self, query: Query) -> tuple[FoundSeries, ...]:
        """Studies first, then the series of each.

        Raises
        ------
        InputError
            If a series that was named is not there.
        ComputationError
            If the archive does not answer, cannot be searched, or does not tell all that fits.
        """
        from pynetdicom import build_context

        study_keys = _keys("STUDY", **dict.fromkeys(STUDY_KEYS, "") | {
            "PatientID": query.patient_id,
            "AccessionNumber": query.accession_number,
            "StudyInstanceUID": query.study_uid,
        })  # fmt: skip
        with self._dial.association([build_context(_FIND)]) as association:

            def series_of(study_uid: str, series_uid: str, modality: str) -> list[Dataset]:
                keys = _keys("SERIES", **dict.fromkeys(SERIES_KEYS, "") | {
                    "StudyInstanceUID": study_uid,
                    "SeriesInstanceUID": series_uid,
                    "Modality": modality,
                })  # fmt: skip
                return self._answers(association, keys)

            studies = self._answers(association, study_keys)
            return complete(query, studies, series_of, self.host)

    def doubt(self, query: Query) -> str:
        """None: what is looked for goes as it is."""
        return ""

    def retrieve(self, series: FoundSeries) -> Iterator[bytes]:
        """By C-GET: in the association that asks for them, so that no port is opened here.

        Raises
        ------
        ComputationError
            If the archive does not answer, breaks off, or cannot give objects this way.
        """
        from pynetdicom import build_context, build_role, evt

        arrived: list[bytes] = []

        def keep(event: Any) -> int:
            arrived.append(event.encoded_dataset())
            return _SUCCESS

        keys = _keys(
            "SERIES", StudyInstanceUID=series.study_uid, SeriesInstanceUID=series.series_uid
        )
        contexts = [build_context(_GET)]
        contexts += [build_context(uid, FETCHED_SYNTAXES) for uid in FETCHED_CLASSES]
        roles = [build_role(uid, scp_role=True) for uid in FETCHED_CLASSES]
        with self._dial.association(contexts, roles, [(evt.EVT_C_STORE, keep)]) as association:
            try:
                answers = association.send_c_get(keys, _GET)
            except ValueError as error:
                raise ComputationError(
                    f"The archive {self.host} gives nothing by C-GET; use its DICOMweb address."
                ) from error
            while True:
                with quiet():
                    answer = next(answers, None)
                yield from arrived
                arrived.clear()
                if answer is None:
                    return
                status = self._status(answer[0])
                if status not in (_SUCCESS, *_PENDING):
                    raise ComputationError(
                        f"The archive {self.host} could not give all objects of series "
                        f"{series.number} by C-GET (status {status:04X}); use its DICOMweb address."
                    )

    def _answers(self, association: Any, keys: Dataset) -> list[Dataset]:
        found = self._find(association, keys)
        if found is None:
            raise ComputationError(
                f"The archive {self.host} cannot be searched by C-FIND; use its DICOMweb address."
            )
        return found

    def _find(self, association: Any, keys: Dataset) -> list[Dataset] | None:
        try:
            with quiet():
                answers = list(association.send_c_find(keys, _FIND))
        except ValueError:  # it did not accept that context
            return None
        except RuntimeError as error:
            raise self._dial.broken() from error
        for status in (self._status(answer) for answer, _ in answers):
            if status not in (_SUCCESS, *_PENDING):
                raise ComputationError(
                    f"The archive {self.host} could not be searched to the end: {reason(status)}; "
                    "look at its log."
                )
        return [found for _, found in answers if found is not None]

    def _status(self, answer: Dataset) -> int:
        if "Status" not in answer:
            raise self._dial.broken()
        return int(answer.Status)


def _keys(level: str, **values: str) -> Dataset:
    """An identifier; a key without a value asks for it."""
    keys = Dataset()
    # in the default character set other letters would be sent as ?, which matches any
    keys.SpecificCharacterSet = "ISO_IR 192"
    keys.QueryRetrieveLevel = level
    with quiet():
        for keyword, value in values.items():
            setattr(keys, keyword, value or (None if keyword.startswith("Number") else ""))
    return keys


def _is_marked(found: Dataset) -> bool | None:
    """By an answer of C-FIND; None where the archive does not tell."""
    element = found.get(SYNTHETIC_DATA)
    return None if element is None or not element.value else is_synthetic(found)
