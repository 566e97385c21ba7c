"""DICOM nodes with faults that a good archive does not have, by pynetdicom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind  # type: ignore[attr-defined]

Answer = Callable[[int], int]
"""The status for the n-th object that comes in, from 1."""


@dataclass
class Node:
    """A node that counts what it was sent."""

    port: int = 0
    received: list[str] = field(default_factory=list)
    released: int = 0

    @property
    def address(self) -> str:
        return f"NODE@127.0.0.1:{self.port}"


@contextmanager
def storing_node(
    answer: Answer = lambda n: 0x0000,
    *,
    seconds: float = 0.0,
    abort_after: int = 0,
    classes: list[str] | None = None,
    syntax: str | None = None,
    tells: list[Dataset] | None = None,
) -> Iterator[Node]:
    """It stores; it can be asked what it holds only where it `tells` something."""
    node = Node()

    def store(event: Any) -> int:
        node.received.append(event.request.AffectedSOPInstanceUID)
        if abort_after and len(node.received) > abort_after:
            event.assoc.abort()
            return 0x0110
        time.sleep(seconds)
        return answer(len(node.received))

    entity = AE(ae_title="NODE")
    entity.require_called_aet = True
    for context in StoragePresentationContexts:
        if classes is None or context.abstract_syntax in classes:
            entity.add_supported_context(context.abstract_syntax, syntax or context.transfer_syntax)

    def find(event: Any) -> Iterator[tuple[int, Dataset]]:
        yield from ((0xFF00, one) for one in tells or ())

    def release(event: Any) -> None:
        node.released += 1

    if tells is not None:
        entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    server = entity.start_server(
        ("127.0.0.1", 0),
        block=False,
        evt_handlers=[
            (evt.EVT_C_STORE, store),
            (evt.EVT_C_FIND, find),
            (evt.EVT_RELEASED, release),
        ],
    )
    node.port = server.socket.getsockname()[1]
    try:
        yield node
    finally:
        server.shutdown()
