"""``synthcore train RECIPE``: from data to a model folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.models.input_statistics import features, fit
from SynthCore.models.networks import SliceUNet
from SynthCore.request import Cancelled, Progress
from SynthCore.training import cards, dose_data, machine
from SynthCore.training.cases import Sampler
from SynthCore.training.dose_sampler import DoseSampler
from SynthCore.training.extremity import ExtremityData
from SynthCore.training.loop import State, run_stage, start
from SynthCore.training.plot import plot_log
from SynthCore.training.publish import parameters, publish, rounded
from SynthCore.training.recipes import Recipe, Stage, get_recipe, refuse_leakage
from SynthCore.training.validate_denoise import quality as denoise_quality
from SynthCore.training.validate_extremity import quality as extremity_quality

MakeSampler = Callable[[Stage, SliceUNet], Sampler]


def train(
    recipe_name: str,
    data: Path,
    out: Path,
    *,
    minutes: float | None = None,
    seed: int = 0,
    device: str = "auto",
    resume: bool = True,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Path:
    """Train a recipe's model and write its folder.

    Parameters
    ----------
    recipe_name : str
        One of `recipes.RECIPES`.
    data : Path
        The folder of real images.
    out : Path
        The model folder is made in it; checkpoints, the log and its plot lie in
        ``out/<recipe>-run``, registrations and noise beside them.
    minutes : float, optional
        Of computation; shared among the stages by their steps. Without it the recipe's steps
        decide, and the same seed on the same machine gives the same weights.
    seed : int
        Of weights, batches and noise.
    device : str
        ``auto``, ``cpu`` or ``cuda:N``.
    resume : bool
        Go on from the checkpoint of the same recipe and seed, if there is one.
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
    recipe = get_recipe(recipe_name)
    target = out / recipe.model
    if target.exists():
        raise InputError(f"There is a {target.name} already; give another --out or remove it.")
    folder = out / f"{recipe.name}-run"
    folder.mkdir(parents=True, exist_ok=True)
    where = machine.choose(device)
    state = start(recipe, seed, where)
    identity = run_identity(recipe, seed)
    checkpoint = folder / "checkpoint.pt"
    if resume and checkpoint.exists() and not state.load(checkpoint, identity):
        raise InputError(
            f"{checkpoint.name} in {folder.name} is of another recipe or seed; remove the folder."
        )
    make, patients = prepare(recipe, data, folder, seed, progress)
    refuse_leakage(recipe, patients)
    run_stages(
        state, recipe, make, seed=seed, folder=folder, identity=identity, minutes=minutes,
        progress=progress, cancelled=cancelled,
    )  # fmt: skip
    plot_log(folder / "log.csv", folder / "log.png")
    block = describe(recipe, data, state, patients, seed, machine.describe(where), progress)
    return publish(state.average.cpu(), block, cards.page(block), target)


def run_stages(
    state: State,
    recipe: Recipe,
    make: MakeSampler,
    *,
    seed: int,
    folder: Path,
    identity: str,
    minutes: float | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """All stages that are left, each with its own sampler."""
    while state.stage < len(recipe.stages):
        stage = recipe.stages[state.stage]
        sampler = make(stage, state.average)
        refuse_leakage(recipe, sampler.patients)
        share = None if minutes is None else minutes * stage.steps / recipe.steps
        run_stage(
            state, recipe, sampler, seed=seed, folder=folder, identity=identity, minutes=share,
            progress=progress, cancelled=cancelled,
        )  # fmt: skip


def run_identity(recipe: Recipe, seed: int) -> str:
    """A checkpoint is used only by the run it belongs to."""
    text = json.dumps([asdict(recipe), seed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def prepare(
    recipe: Recipe, data: Path, folder: Path, seed: int, progress: Progress | None
) -> tuple[MakeSampler, list[str]]:
    """What makes a stage's sampler, and the patients it draws from."""
    if recipe.task == "mr-to-ct":
        pairs = ExtremityData.read(recipe, data, folder / "registrations", progress)
        return (
            lambda stage, network: pairs.sampler(stage, network, progress),
            [pair.patient for pair in pairs.pairs],
        )
    slabs = dose_data.load(recipe, data, folder / "noise", seed, progress)
    sampler = DoseSampler(slabs, recipe.slices, recipe.batch, recipe.patch)
    return (lambda stage, network: sampler), sampler.patients


def describe(
    recipe: Recipe,
    data: Path,
    state: State,
    patients: Sequence[str],
    seed: int,
    where: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The card of a finished run: quality on the validation data and input statistics."""
    if progress is not None:
        progress(1.0, "validate")
    final = rounded(state.average.cpu())
    quality: Sequence[Mapping[str, Any]]
    if recipe.task == "mr-to-ct":
        block = cards.extremity_block(recipe, patients)
        statistics = {"T1": extremity_statistics(data, patients)}
        quality = extremity_quality(data, final, recipe)
    else:
        block = cards.denoise_block(recipe, patients)
        statistics = {"CT": dose_data.statistics(recipe, data)}
        quality = denoise_quality(data, final, recipe)
    return cards.finish_block(
        recipe, block, seed=seed, minutes=state.seconds / 60, machine=where,
        parameters=parameters(final), statistics=statistics, quality=quality,
    )  # fmt: skip


def extremity_statistics(data: Path, patients: Sequence[str]) -> dict[str, Any]:
    """Input statistics of the training patients' MR."""
    from SynthCore.training.pairs import read_pair

    return fit([features(read_pair(data, patient).mr) for patient in patients], "mr")
