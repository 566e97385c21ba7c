"""``synthcore train RECIPE``: from data to a model folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.request import Cancelled, Progress
from SynthCore.training import cards, machine, parallel
from SynthCore.training.log import Log
from SynthCore.training.loop import run_stage
from SynthCore.training.plot import plot_log
from SynthCore.training.publish import parameters, publish, rounded
from SynthCore.training.recipe import Recipe, fold, refuse_leakage
from SynthCore.training.recipe_data import RecipeData
from SynthCore.training.registry import get_recipe, open_data
from SynthCore.training.state import CHECKPOINTS, State, start

GENERATED = "generated.pt"
"""A checkpoint after the stages that drew from no patient, for other folds to begin with."""


def train(
    recipe_name: str,
    data: Path,
    out: Path,
    *,
    minutes: float | None = None,
    seed: int = 0,
    device: str = "auto",
    resume: bool = True,
    leave_out: Sequence[str] = (),
    begin: Path | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Path:
    """Train a recipe's model and write its folder.

    Parameters
    ----------
    recipe_name : str
        One of `registry.ROOMS`.
    data : Path
        The folder of real images.
    out : Path
        The model folder is made in it; checkpoints, the log and its plot lie in
        ``out/<recipe>-run``, registrations and noise beside them.
    minutes : float, optional
        Of computation; shared among the stages by their steps. Without it the recipe's steps
        decide, and the same seed on the same machine gives the same weights (resumed, too, but
        where batches are made as the run goes: `HeadSampler`).
    seed : int
        Of weights, batches and noise.
    device : str
        ``auto``, ``cpu`` or ``cuda:N``.
    resume : bool
        Go on from the checkpoint of the same recipe, seed and minutes, if there is one; else it
        is removed once the data are known to be right.
    leave_out : sequence of str
        Patients to keep for validation beside the recipe's own: a fold of leave-one-out. The
        model is named after them.
    begin : Path, optional
        The run folder (``<recipe>-run``) of another fold of the same recipe, seed and minutes:
        what was learned there from generated images alone is taken over, and what it keeps on disk.
    progress, cancelled : callable, optional
        See `SynthCore.request`.

    Returns
    -------
    Path
        The new model folder.

    Raises
    ------
    InputError
        If the recipe, the data or the device are not there, a validation patient is among the
        training data, or the model folder exists.
    CancelledError
        After a checkpoint was written.
    """
    recipe = replace(fold(get_recipe(recipe_name), leave_out), minutes=minutes)
    target = out / recipe.model
    if target.exists():
        raise InputError(f"There is a {target.name} already; give another --out or remove it.")
    folder = out / f"{recipe.name}-run"
    folder.mkdir(parents=True, exist_ok=True)
    where = parallel.join(machine.choose(device))
    state = start(recipe, seed, where)
    identity = run_identity(recipe, seed)
    checkpoint = folder / "checkpoint.pt"
    going_on = resume and checkpoint.exists()
    if going_on and not state.load(checkpoint, identity):
        raise InputError(
            f"{checkpoint.name} in {folder.name} is of another recipe, seed, time limit or version "
            "of this program; give another --out, or --no-resume to begin anew."
        )
    if begin is not None and not going_on:
        take_over(state, recipe, seed, begin)
    with parallel.first_alone():
        source = open_data(recipe, data, begin or folder, seed, progress)
    refuse_leakage(recipe, source.patients)
    if parallel.world()[0] == 0:  # not before all that may be wrong with the run is known
        if not going_on:
            checkpoint.unlink(missing_ok=True)
        Log(folder / "log.csv").rewind(state.stage, state.step)
    run_stages(
        state, recipe, source, seed=seed, folder=folder, identity=identity, progress=progress,
        cancelled=cancelled,
    )  # fmt: skip
    parallel.leave()
    if parallel.world()[0] > 0:
        return target  # the first process publishes
    plot_log(folder / "log.csv", folder / "log.png")
    block = describe(recipe, source, state, seed, machine.describe(where), progress)
    return publish(state.average.cpu(), block, cards.page(block), target)


def run_stages(
    state: State,
    recipe: Recipe,
    data: RecipeData,
    *,
    seed: int,
    folder: Path,
    identity: str,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """All stages that are left, each with its own sampler."""
    while state.stage < len(recipe.stages):
        stage = recipe.stages[state.stage]
        with parallel.first_alone():  # what it keeps on disk is made once
            sampler = data.sampler(stage, state.at_start(), progress)
        refuse_leakage(recipe, sampler.patients)
        share = None if recipe.minutes is None else recipe.minutes * stage.steps / recipe.steps
        run_stage(
            state, recipe, sampler, seed=seed, folder=folder, identity=identity, minutes=share,
            progress=progress, cancelled=cancelled, watch=data.watch,
        )  # fmt: skip
        first = parallel.world()[0] == 0
        if first and all(one.targets == "generated" for one in recipe.stages[: state.stage]):
            state.save(folder / GENERATED, shared_identity(recipe, seed, state.stage))


def take_over(state: State, recipe: Recipe, seed: int, begin: Path) -> None:
    """Go on from what another fold learned from generated images alone.

    Raises
    ------
    InputError
        If that run has not come so far, or was of another recipe or seed.
    """
    count = next(
        (n for n, one in enumerate(recipe.stages) if one.targets != "generated"),
        len(recipe.stages),
    )
    path = begin / GENERATED
    if not path.exists():
        raise InputError(f"There is no {GENERATED} in {begin.name}; let that run come so far.")
    if not state.load(path, shared_identity(recipe, seed, count)):
        raise InputError(
            f"{GENERATED} in {begin.name} is of another recipe, seed, time limit or version of "
            "this program."
        )


def shared_identity(recipe: Recipe, seed: int, stages: int) -> str:
    """Of what all folds of a recipe share: its first stages, without any patient."""
    first = replace(recipe, validation=(), left_out=(), model="", stages=recipe.stages[:stages])
    return run_identity(first, seed)


def run_identity(recipe: Recipe, seed: int) -> str:
    """A checkpoint is used only by the run it belongs to."""
    text = json.dumps([CHECKPOINTS, asdict(recipe), seed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def describe(
    recipe: Recipe,
    data: RecipeData,
    state: State,
    seed: int,
    where: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The card of a finished run: quality on the validation data and input statistics."""
    if progress is not None:
        progress(1.0, "validate")
    final = rounded(state.average.cpu())
    return cards.finish_block(
        recipe, data.block(), seed=seed, steps=state.steps, minutes=state.seconds / 60,
        machine=where, parameters=parameters(final), statistics=data.statistics(),
        quality=data.quality(final),
    )  # fmt: skip
