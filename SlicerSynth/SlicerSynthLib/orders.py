"""What a person asks for, in nodes; and the same as a request to the engine, in images.

An order is checked before anything is sent, so that what is missing is said at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import slicer

from SlicerSynthLib.dicom_headers import identity_of
from SlicerSynthLib.masks import mask_image
from SlicerSynthLib.nodes import image_from_node
from SynthCore.dicom.patient_study import require_one_patient
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.protocol import MASK
from SynthCore.request import Options
from SynthCore.tasks import SAME_ROLE_TASKS, Task, get_task


@dataclass(frozen=True)
class Order:
    """One synthesis, as the panel describes it.

    Attributes
    ----------
    task : str
        A name of the catalogue.
    inputs : mapping of str to vtkMRMLScalarVolumeNode
        By role.
    target, model : str or None
        None where the engine may choose.
    mask : vtkMRMLNode or None
        A segmentation (with `segment`) or a label map.
    segment : str or None
        Id of the segment.
    options : Options
        Seed, device and the like.
    """

    task: str
    inputs: Mapping[str, Any]
    target: str | None = None
    model: str | None = None
    mask: Any = None
    segment: str | None = None
    options: Options = field(default_factory=Options)

    @property
    def source(self) -> Any:
        """The node whose grid the result will have most likely: the target itself or the first."""
        if self.target is not None and self.target in self.inputs:
            return self.inputs[self.target]
        return next(iter(self.inputs.values()), None)

    def made(self) -> str:
        """The role that this order makes.

        Raises
        ------
        InputError
            If the inputs do not fit the task, or the target is not clear.
        """
        task = get_task(self.task)
        _check_inputs(task, self.inputs, self.target)
        return task.resolve_target(tuple(self.inputs), self.target)


def missing(order: Order) -> str:
    """Why the order cannot be sent yet, as a sentence; empty if it can."""
    try:
        order.made()
        if get_task(order.task).needs_mask and order.mask is None:
            return "The task works under a mask; choose a segment or a label map as the mask."
    except InputError as error:
        return str(error)
    return ""


def body_of(order: Order) -> dict[str, Any]:
    """Body of a ``synthesize`` or ``preview`` request, without its volumes."""
    options = order.options
    return {
        "task": order.task,
        "target": order.made(),
        "model": order.model,
        "options": {
            "seed": options.seed,
            "device": options.device,
            "backend": options.backend,
            "threads": options.threads,
            "tile": options.tile,
            # engines from before there was one take no such option
            **({"uncertainty": True} if options.uncertainty else {}),
        },
    }


def volumes_of(order: Order) -> dict[str, Image]:
    """The order's volumes by role, and its mask on the grid of the image it belongs to.

    Raises
    ------
    InputError
        If something is missing, or a node cannot be given to the engine.
    """
    if reason := missing(order):
        raise InputError(reason)
    database = getattr(slicer, "dicomDatabase", None)
    volumes = {
        role: image_from_node(node, role, identity_of(node, database))
        for role, node in order.inputs.items()
    }
    require_one_patient([v.source.headers[0] for v in volumes.values() if v.source.headers])
    if order.mask is not None and get_task(order.task).needs_mask:
        onto = volumes.get(order.made()) or next(iter(volumes.values()))
        volumes[MASK] = mask_image(order.mask, order.segment, onto)
    return volumes


def _check_inputs(task: Task, inputs: Mapping[str, Any], target: str | None) -> None:
    # the same rules as the engine's, in the words of the panel instead of the command line
    missed = [role for role in task.required if role not in inputs]
    if missed:
        raise InputError(f"The task needs a {missed[0]} volume; choose one, or load one.")
    if len(inputs) < task.at_least:
        roles = task.inputs
        either = roles[0] if len(roles) == 1 else f"{', '.join(roles[:-1])} or {roles[-1]}"
        raise InputError(f"No volume is chosen; choose one as {either}, or load one.")
    if task.name in SAME_ROLE_TASKS:
        if target is not None and target not in inputs:
            raise InputError(f"There is no {target} volume to change; choose one.")
    elif target is not None and target in inputs and len(task.outputs) > 1:
        raise InputError(f"{target} is given already; choose another sequence to make.")
