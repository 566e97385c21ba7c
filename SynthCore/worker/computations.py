"""The requests that take time: each a function from a message to an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from SynthCore.protocol import Buffer, Message, pack
from SynthCore.request import Cancelled, Progress, SynthesisResult
from SynthCore.worker.bodies import synthesis_request


@dataclass(frozen=True)
class Answer:
    """Body and payload of a ``result``."""

    body: dict[str, Any]
    payload: Iterable[Buffer] | None = None


Computation = Callable[[Message, Progress, Cancelled], Answer]


class Computations:
    """What is kept warm between requests, and the requests it is kept for."""

    def __init__(self) -> None:
        self.by_type: dict[str, Computation] = {"synthesize": self.synthesize}

    def synthesize(self, message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
        """Answer a ``synthesize`` message."""
        started = time.perf_counter()
        request = synthesis_request(message)
        from SynthCore.engine.synthesize import synthesize

        result = synthesize(request, progress=progress, cancelled=cancelled)
        return _result(result, started)


def _result(result: SynthesisResult, started: float) -> Answer:
    volumes = {"image": result.image}
    if result.uncertainty is not None:
        volumes["uncertainty"] = result.uncertainty
    entries, payload = pack(volumes)
    record = result.record
    return Answer(
        {
            "volumes": entries,
            "record": record.to_json(),
            "checks": [asdict(check) for check in result.checks],
            "warnings": list(result.warnings),
            "card": dict(result.card),
            "model": record.model,
            "device": record.device,
            "backend": record.backend,
            "engine_seconds": result.seconds,
            "seconds": time.perf_counter() - started,
        },
        payload,
    )
