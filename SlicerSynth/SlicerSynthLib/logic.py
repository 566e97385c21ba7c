"""What the panel asks and the engine answers, on the scene; no Qt in it.

Whoever owns the logic calls `poll` every 20 to 50 ms from the main thread, and everything happens
there: no other thread touches MRML. Until a result is complete, the scene does not change.

While a request runs
    the scene is closed: it is cancelled and nothing is delivered;
    an input node is removed: the result is delivered all the same, at the world position it was
    made for, without a place beside that node and without a reference to it, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import slicer

from SlicerSynthLib.answers import apply_event
from SlicerSynthLib.client import WorkerClient
from SlicerSynthLib.jobs import Job, Kind
from SlicerSynthLib.nodes import image_from_node
from SlicerSynthLib.orders import MASK, Order, body_of, volumes_of
from SlicerSynthLib.results import deliver, is_in, show_preview
from SlicerSynthLib.signals import Signal
from SynthCore.errors import SynthCoreError
from SynthCore.protocol import LAST_EVENTS, Message

SCENE_CLOSED = "The scene was closed during the run; it was cancelled and nothing was made."
INPUT_GONE = "An input was removed during the run; the result stands by itself."

OnAnswer = Callable[[Message], None]


class SlicerSynthLogic:
    """Requests to the engine, and their results in the scene.

    Parameters
    ----------
    client : WorkerClient
        Is closed by `close`.
    scene : vtkMRMLScene, optional
        Slicer's by default.

    Attributes
    ----------
    changed : Signal
        Emitted with the job whenever one of them changes.
    ended : Signal
        Emitted with the job once it has ended, after `changed`.
    jobs : list of Job
        Those that have not ended, in order.
    """

    def __init__(self, client: WorkerClient, scene: Any = None) -> None:
        self._client = client
        self._scene = slicer.mrmlScene if scene is None else scene
        self._observer = self._scene.AddObserver(
            slicer.vtkMRMLScene.StartCloseEvent, self._on_scene_closed
        )
        self.changed = Signal()
        self.ended = Signal()
        self.jobs: list[Job] = []

    # questions, answered at once

    def hello(self, on_answer: OnAnswer) -> int:
        """Ask who the engine is, its devices and tasks; `on_answer` gets the last event."""
        return self._ask("hello", {}, on_answer)

    def models(
        self, task: str, roles: tuple[str, ...], target: str | None, on_answer: OnAnswer
    ) -> int:
        """Ask for the models of a task that work from these roles, the best first."""
        body: dict[str, Any] = {"task": task, "roles": list(roles)}
        if target:
            body["target"] = target
        return self._ask("models", body, on_answer)

    # computations, one after another

    def synthesize(self, order: Order) -> Job:
        """Ask for a whole volume.

        Raises
        ------
        InputError
            If something is missing, or a node cannot be given to the engine.
        """
        return self._order("synthesize", order, {})

    def preview(self, order: Order, point_ras: tuple[float, float, float]) -> Job:
        """Ask for the slice through a point of the world (RAS millimeters, as MRML has it).

        Raises
        ------
        InputError
            As `synthesize`.
        """
        x, y, z = point_ras
        return self._order("preview", order, {"point": [-float(x), -float(y), float(z)]})

    def evaluate(
        self, synthetic: Any, reference: Any, role: str, *, preset: str | None = None,
        task: str | None = None, mask: Any = None, segment: str | None = None,
    ) -> Job:  # fmt: skip
        """Ask how well a synthetic node agrees with a reference node.

        Parameters
        ----------
        synthetic, reference : vtkMRMLScalarVolumeNode
            On any grids.
        role : str
            What both are.
        preset, task : str, optional
            How to score; the task's own preset by default.
        mask, segment
            Where to score, as in an `Order`; the body by default.

        Raises
        ------
        InputError
            If a node cannot be given to the engine.
        """
        from SlicerSynthLib.masks import mask_image

        volumes = {
            "synthetic": image_from_node(synthetic, role),
            "reference": image_from_node(reference, role),
        }
        if mask is not None:
            volumes[MASK] = mask_image(mask, segment, volumes["synthetic"])
        body = {"preset": preset, "task": task}
        return self._submit(Job("evaluate"), body, volumes, self._nothing_to_deliver)

    def cancel(self, job: Job) -> None:
        """Ask for a job to stop; its end is told as every other."""
        if not job.ended:
            self._client.cancel(job.ticket)

    def cancel_all(self) -> None:
        """Ask for every job to stop, the last in the queue first."""
        for job in reversed(self.jobs):
            self.cancel(job)

    @property
    def running(self) -> Job | None:
        """The job at the engine, None while there is none."""
        return self.jobs[0] if self.jobs else None

    def poll(self) -> None:
        """Take what the engine sent; call it every 20 to 50 ms from the main thread."""
        self._client.poll()

    def restart(self) -> None:
        """End the engine: the next request finds the one that is set then."""
        self._client.restart()

    def close(self) -> None:
        """End the engine and let the scene go; results that were under way are dropped."""
        self._scene.RemoveObserver(self._observer)
        self.jobs.clear()
        self._client.close()

    def _ask(self, kind: str, body: Mapping[str, Any], on_answer: OnAnswer) -> int:
        def on_event(message: Message) -> None:
            if message.type in LAST_EVENTS:
                on_answer(message)

        return self._client.submit(kind, body, None, on_event)

    def _order(self, kind: Kind, order: Order, more: Mapping[str, Any]) -> Job:
        volumes = volumes_of(order)
        sources = dict(order.inputs)
        names = {role: node.GetName() for role, node in sources.items()}

        def place(job: Job, message: Message) -> None:
            if kind == "preview":
                job.node = show_preview(self._scene, message, sources, names)
            else:
                job.node, job.uncertainty = deliver(self._scene, message, sources, names)
            if not all(is_in(self._scene, node) for node in sources.values()):
                job.message = f"{job.message} {INPUT_GONE}".strip()

        return self._submit(Job(kind, order=order), {**body_of(order), **more}, volumes, place)

    def _submit(
        self,
        job: Job,
        body: Mapping[str, Any],
        volumes: Mapping[str, Any],
        place: Callable[[Job, Message], None],
    ) -> Job:
        def on_event(message: Message) -> None:
            if job not in self.jobs:  # the scene was closed meanwhile, or the module
                return
            apply_event(job, message)
            if job.state == "done":
                try:
                    place(job, message)
                except SynthCoreError as error:
                    job.state, job.message = "failed", str(error)
            self._tell(job)

        self.jobs.append(job)
        job.ticket = self._client.submit(job.kind, body, volumes, on_event)
        self.changed.emit(job)
        return job

    def _tell(self, job: Job) -> None:
        if job.ended:
            self.jobs.remove(job)
        self.changed.emit(job)
        if job.ended:
            self.ended.emit(job)

    def _nothing_to_deliver(self, job: Job, message: Message) -> None:
        """An evaluation stands in the job's answer; the scene stays as it is."""

    def _on_scene_closed(self, *_: Any) -> None:
        for job in tuple(self.jobs):
            self._client.cancel(job.ticket)
            job.state, job.message = "cancelled", SCENE_CLOSED
            self._tell(job)
