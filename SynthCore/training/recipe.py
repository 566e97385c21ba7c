"""What a training run is: data, network, schedule. A recipe and a seed give the run again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from SynthCore.errors import InputError
from SynthCore.models.parse_card import LONGEST_ID


@dataclass(frozen=True)
class Stage:
    """One cosine descent of the learning rate.

    Attributes
    ----------
    steps : int
        Batches.
    lr : float
        Where the cosine starts, after a short warm-up; it ends at a fiftieth of it.
    targets : str
        How the targets are placed for this stage: ``rigid`` (mutual information), ``deformed``
        (then moved onto what the network made of the MR so far), ``matched`` (rigid, then
        deformed by mutual information as well), ``given`` (nothing to place), ``generated`` (no
        patient is drawn from in this stage, generated images alone).
    freeze_norm_at : float
        From this fraction of the stage on, batch normalization uses its running figures, so that
        the network is trained as it will be used. 1 never freezes.
    at_points : float
        Share of crops centered on the cases' points (bone); the rest lie anywhere.
    point_weight : float
        How much more than other tissue the points count in the loss. Above 0 it finds bone
        sooner, and pulls whatever may be bone toward it: 0 for a last stage that is to be
        without bias.
    simulated : int
        How many crops of a batch have an input simulated from their target, where the recipe's
        data can do that.
    interpolated : float
        Share of crops of images that were interpolated from thicker slices before, where the
        recipe's data can do that.
    """

    steps: int
    lr: float
    targets: Literal["rigid", "deformed", "matched", "given", "generated"] = "given"
    freeze_norm_at: float = 1.0
    at_points: float = 0.5
    point_weight: float = 1.0
    simulated: int = 0
    interpolated: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """A named, complete description of one training.

    Attributes
    ----------
    name, task, model : str
        What ``synthcore train`` calls it, the catalogue's task, and the id of the model it makes.
    roles : tuple of str
        Input roles, in the order of the network's channels.
    validation : tuple of str
        Patients that are never trained on; a run raises if one is found among its cases.
    slices : int
        Neighboring slices in.
    widths : tuple of int
        Channels of the network's levels.
    batch, patch : int
        Crops in a batch, and pixels along their sides.
    stages : tuple of Stage
        In order; each starts from the averaged weights of the one before.
    weight_decay, ema : float
        Of AdamW, and of the exponential moving average of the weights.
    zero_start : bool
        Whether the last layer starts at zero (networks that predict a change).
    loss : str
        ``l1``, ``charbonnier`` (quadratic below 0.1, for noise) or ``edges`` (``l1``, and the same
        of the steps between neighboring pixels, so that edges are as sharp as they should be).
    channels : tuple of str
        What goes into the network, each with its neighboring slices; the roles where not given.
    outputs : tuple of str
        The network's output channels; one without a name where not given.
    network : str
        A key of `SynthCore.training.networks.NETWORKS`.
    watch_steps : int
        The validation data are looked at every so many batches, 0 never. What is seen goes to the
        log, and ends a stage early where `patience` says so.
    patience : int
        A stage ends once the watched score has not fallen for so many looks, and goes on from the
        weights of the best one; 0 never.
    options : dict
        What a recipe's own data module reads.
    left_out : tuple of str
        The patients of `validation` that `fold` added.
    minutes : float, optional
        Of computation at most, where whoever trains set a limit; shared among the stages by their
        steps. Another limit is another run, as its learning rates fell otherwise.
    """

    name: str
    task: str
    model: str
    roles: tuple[str, ...]
    validation: tuple[str, ...]
    stages: tuple[Stage, ...]
    slices: int = 5
    widths: tuple[int, ...] = (24, 48, 96, 192)
    batch: int = 8
    patch: int = 96
    weight_decay: float = 1e-2
    ema: float = 0.999
    zero_start: bool = False
    loss: Literal["l1", "charbonnier", "edges"] = "l1"
    channels: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("",)
    network: str = "slice-unet"
    watch_steps: int = 0
    patience: int = 0
    options: dict[str, float] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    minutes: float | None = None

    @property
    def steps(self) -> int:
        """Batches in all stages."""
        return sum(stage.steps for stage in self.stages)

    @property
    def in_channels(self) -> int:
        """Channels of the network's input."""
        return len(self.channels or self.roles) * self.slices


def fold(recipe: Recipe, left_out: Sequence[str]) -> Recipe:
    """The recipe with more patients kept for validation: one fold of leave-one-out.

    Its model has a name of its own, so that it is never taken for the published one.
    """
    if not left_out:
        return recipe
    tail = re.sub(r"[^a-z0-9]+", "-", "-".join(left_out).lower())
    if len(f"{recipe.model}-without-{tail}") > LONGEST_ID:
        digest = hashlib.sha256(tail.encode()).hexdigest()[:8]
        tail = f"{len(left_out)}-patients-{digest}"
    kept = tuple(dict.fromkeys((*recipe.validation, *left_out)))
    model = f"{recipe.model}-without-{tail}"
    return replace(recipe, validation=kept, model=model, left_out=tuple(left_out))


def refuse_unknown(recipe: Recipe, everyone: Collection[str]) -> None:
    """Raise if a patient to leave out is not among those there are: all would be trained on.

    Raises
    ------
    InputError
        Naming who is not there, and who is.
    """
    if unknown := sorted(set(recipe.left_out) - set(everyone)):
        raise InputError(
            f"The recipe {recipe.name} knows no patient {', '.join(unknown)}; there are "
            f"{', '.join(sorted(set(everyone)))}."
        )


def refuse_leakage(recipe: Recipe, patients: Iterable[str]) -> None:
    """Raise if a validation patient is among the patients to train on.

    Raises
    ------
    InputError
        Naming the patient's identifier in the data set.
    """
    leaked = sorted(set(patients) & set(recipe.validation))
    if leaked:
        raise InputError(
            f"The recipe {recipe.name} keeps {', '.join(leaked)} for validation, but the training "
            "data hold them; split by patient."
        )
