"""The requests that take time: each goes from a message to an answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from SynthCore.errors import InputError, OutOfMemoryError
from SynthCore.protocol import Message, pack
from SynthCore.request import Cancelled, Progress, SynthesisResult
from SynthCore.worker.answer import Answer
from SynthCore.worker.bodies import point_of, synthesis_request
from SynthCore.worker.evaluation import evaluation
from SynthCore.worker.lesion_placing import lesion_placing
from SynthCore.worker.lesion_removing import lesion_removing
from SynthCore.worker.plan_checking import plan_checking
from SynthCore.worker.teaching import teaching

if TYPE_CHECKING:
    from SynthCore.engine.warm import Warm


Computation = Callable[[Message, Progress, Cancelled], Answer]


class Computations:
    """The requests that take time, and what they leave for each other.

    The engine is imported by the first of them: a worker that is only asked who it is stays small.
    """

    def __init__(self) -> None:
        self._warm: Warm | None = None
        self._by_type: dict[str, Computation] = {
            "synthesize": self._synthesize,
            "preview": self._preview,
            "evaluate": evaluation,
            "plan-check": plan_checking,
            "teach": teaching,
            "lesion": lesion_placing,
            "remove": lesion_removing,
        }

    def answer(self, message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
        """Compute what a message asks for.

        Raises
        ------
        SynthCoreError
            As the engine does.
        """
        try:  # JSON may spell half a letter that no file and no page can hold
            json.dumps(message.body, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise InputError("A text of the message is not Unicode; send it again.") from None
        try:
            return self._by_type[message.type](message, progress, cancelled)
        except (MemoryError, OutOfMemoryError):
            if self._warm is not None:  # what is kept may be what the next try lacks
                self._warm.clear()
            raise

    def _kept(self) -> Warm:
        from SynthCore.engine.warm import Warm

        self._warm = self._warm or Warm()
        return self._warm

    def _synthesize(self, message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
        started = time.perf_counter()
        request = synthesis_request(message)
        from SynthCore.engine.synthesize import synthesize

        result = synthesize(request, progress=progress, cancelled=cancelled, warm=self._kept())
        return _result(result, started)

    def _preview(self, message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
        started = time.perf_counter()
        request, point = synthesis_request(message), point_of(message)
        from SynthCore.engine.preview import preview

        result = preview(request, point, progress=progress, cancelled=cancelled, warm=self._kept())
        return _result(result, started, preview=True)


def _result(result: SynthesisResult, started: float, **more: Any) -> Answer:
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
            **more,
        },
        payload,
    )
