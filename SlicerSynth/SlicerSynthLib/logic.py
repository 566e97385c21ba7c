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

from SlicerSynthLib import lesion_order, removal_order
from SlicerSynthLib.client import WorkerClient
from SlicerSynthLib.computed_doses import deliver_doses
from SlicerSynthLib.job_queue import JobQueue
from SlicerSynthLib.jobs import Job, Kind
from SlicerSynthLib.lesion_results import deliver_lesion
from SlicerSynthLib.masks import mask_image
from SlicerSynthLib.nodes import image_from_node
from SlicerSynthLib.orders import Order, body_of, volumes_of
from SlicerSynthLib.plan_order import PlanOrder, request_of
from SlicerSynthLib.results import deliver, is_in, show_preview
from SlicerSynthLib.teach_order import TeachOrder
from SlicerSynthLib.teach_order import request_of as request_of_page
from SynthCore.protocol import LAST_EVENTS, MASK, Message

INPUT_GONE = "An input was removed during the run; the result stands by itself."

OnAnswer = Callable[[Message], None]


class SlicerSynthLogic(JobQueue):
    """Requests to the engine, and their results in the scene.

    Parameters
    ----------
    client : WorkerClient, optional
        Is closed by `close`; by default one for the engine that the settings name.
    scene : vtkMRMLScene, optional
        Slicer's by default.
    """

    def __init__(self, client: WorkerClient | None = None, scene: Any = None) -> None:
        super().__init__(client or _default_client(), slicer.mrmlScene if scene is None else scene)

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
        volumes = {
            "synthetic": image_from_node(synthetic, role),
            "reference": image_from_node(reference, role),
        }
        if mask is not None:
            volumes[MASK] = mask_image(mask, segment, volumes["synthetic"])
        body = {"preset": preset, "task": task}
        return self.submit(Job("evaluate"), body, volumes, self._nothing_to_place)

    def plan_check(self, order: PlanOrder) -> Job:
        """Ask whether a synthetic CT may be planned on, as far as the order's volumes tell.

        What is found stands in the job's answer; doses that were computed come as volumes.

        Raises
        ------
        InputError
            If something is missing or cannot be read, or a node cannot be given to the engine.
        """
        body, volumes = request_of(order)

        def place(job: Job, message: Message) -> None:
            deliver_doses(self._scene, message, order.synthetic, order.below_real)
            if not is_in(self._scene, order.synthetic):
                job.note = INPUT_GONE

        return self.submit(Job("plan-check"), body, volumes, place)

    def teach(self, order: TeachOrder) -> Job:
        """Ask for the class page of a case; it stands in the job's answer.

        Raises
        ------
        InputError
            If something is missing, or a node cannot be given to the engine.
        """
        body, volumes = request_of_page(order)
        return self.submit(Job("teach"), body, volumes, self._nothing_to_place)

    def lesion(self, order: lesion_order.LesionOrder) -> Job:
        """Ask for a lesion in all of the order's images; raises as `teach`."""
        return self._in_all(Job("lesion"), *lesion_order.request_of(order), order.images)

    def remove(self, order: removal_order.RemovalOrder) -> Job:
        """Ask for all of the order's images without a lesion; raises as `teach`."""
        return self._in_all(Job("remove"), *removal_order.request_of(order), order.images)

    def _in_all(self, job: Job, body: Any, volumes: Any, images: Mapping[str, Any]) -> Job:
        sources, names = dict(images), {role: node.GetName() for role, node in images.items()}

        def place(job: Job, message: Message) -> None:
            job.node = deliver_lesion(self._scene, message, sources, names)
            if not all(is_in(self._scene, node) for node in sources.values()):
                job.note = INPUT_GONE

        return self.submit(job, body, volumes, place)

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
                job.note = INPUT_GONE

        return self.submit(Job(kind, order=order), {**body_of(order), **more}, volumes, place)

    def _nothing_to_place(self, job: Job, message: Message) -> None:
        """What was found or made stands in the job's answer; the scene stays as it is."""


def _default_client() -> WorkerClient:
    from SlicerSynthLib.engine_setup import ApplicationSettings, ModuleEngineSettings, make_client

    return make_client(ModuleEngineSettings(ApplicationSettings()))
