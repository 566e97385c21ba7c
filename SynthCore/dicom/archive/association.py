"""Associations with a DICOM node, and what is said where one fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from SynthCore.dicom.archive.address import NodeAddress
from SynthCore.dicom.archive.archive import NotSentError
from SynthCore.errors import ComputationError

TIMEOUT_S = 60.0
"""Of silence."""


@dataclass(frozen=True)
class Dial:
    """Whom to associate with, and what this program calls itself."""

    address: NodeAddress
    own_title: str

    @contextmanager
    def association(
        self,
        contexts: Sequence[Any],
        roles: Sequence[Any] = (),
        handlers: Sequence[Any] = (),
        *,
        may_refuse: bool = False,
    ) -> Iterator[Any]:
        """An association that is released at the end; None where one may be refused and was."""
        from pynetdicom import AE, evt

        entity = AE(ae_title=self.own_title)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = TIMEOUT_S
        entity.connection_timeout = TIMEOUT_S
        try:
            association = entity.associate(
                self.address.name,
                self.address.port,
                contexts=list(contexts),
                ae_title=self.address.title,
                ext_neg=list(roles) or None,
                evt_handlers=[(evt.EVT_CONN_OPEN, _never_wait_for_ever), *handlers],
            )
        except (OSError, UnicodeError) as error:  # no machine has that name, or none can have it
            raise self._nobody() from error
        if not association.is_established:
            if may_refuse:
                yield None
                return
            raise self._not_taken(association)
        try:
            yield association
        except BaseException:
            association.abort()  # what was under way is of no use
            raise
        association.release()

    def _not_taken(self, association: Any) -> NotSentError:
        host = self.address.host
        if association.is_rejected:
            return NotSentError(
                f"The archive {host} rejects {self.own_title}: check the title in the address, or "
                "give one that it knows with --own-title."
            )
        if association.rejected_contexts:
            return NotSentError(
                f"The archive {host} does not do what was asked of it; use its DICOMweb address."
            )
        return self._nobody()

    def _nobody(self) -> NotSentError:
        return NotSentError(
            f"The archive {self.address.host} did not answer or broke off; check its address and "
            "whether it runs."
        )

    def broken(self) -> ComputationError:
        """The error for an association that ended before its work."""
        return ComputationError(
            f"The archive {self.address.host} broke off; look at its log, and whether it knows "
            f"{self.own_title} (--own-title) and allows it that."
        )


def _never_wait_for_ever(event: Any) -> None:
    """Half a message would be waited for without end: the library's timeouts are between two."""
    event.assoc.dul.socket.socket.settimeout(TIMEOUT_S)
