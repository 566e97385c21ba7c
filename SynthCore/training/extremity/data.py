"""Pairs of limbs: their CTs are placed anew for each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from torch import nn

from SynthCore.models.input_statistics import features, fit
from SynthCore.models.networks import SliceUNet
from SynthCore.models.normalize import normalize
from SynthCore.request import Progress
from SynthCore.training.apply import predict_volume
from SynthCore.training.cases import Case, Sampler
from SynthCore.training.deformation import deform_onto
from SynthCore.training.extremity import card, validate
from SynthCore.training.extremity.sampler import PairSampler
from SynthCore.training.extremity.simulated import SimulatedSampler, limb
from SynthCore.training.mix import Together
from SynthCore.training.pairs import (
    HU_SCALE,
    MR_NORMALIZATION,
    Pair,
    ct_body,
    list_patients,
    make_case,
    read_pair,
)
from SynthCore.training.placement import Placement, register
from SynthCore.training.recipe import Recipe, Stage, refuse_leakage, refuse_unknown
from SynthCore.training.registration import interior


@dataclass
class ExtremityData:
    """Training pairs with the places of their CTs (kept on disk as parameters)."""

    recipe: Recipe
    data: Path
    pairs: list[Pair]
    places: list[Placement]

    @property
    def patients(self) -> list[str]:
        """Everyone that is trained on."""
        return [pair.patient for pair in self.pairs]

    @classmethod
    def read(
        cls, recipe: Recipe, data: Path, cache: Path, progress: Progress | None = None
    ) -> ExtremityData:
        """Read all pairs but the validation patients', and register each CT."""
        everyone = list_patients(data)
        refuse_unknown(recipe, everyone)
        patients = [p for p in everyone if p not in recipe.validation]
        refuse_leakage(recipe, patients)
        cache.mkdir(parents=True, exist_ok=True)
        pairs, places = [], []
        for n, patient in enumerate(patients):
            pair = read_pair(data, patient)
            kept = cache / f"{patient}.npz"
            if not kept.exists():
                register(pair.mr, pair.ct).save(kept)
            pairs.append(pair)
            places.append(Placement.load(kept))
            if progress is not None:
                progress((n + 1) / len(patients), "register")
        return cls(recipe, data, pairs, places)

    @cached_property
    def limbs(self) -> list[Case]:
        """The CTs in the parts that an MR is simulated from."""
        return [limb(pair) for pair in self.pairs]

    def sampler(
        self, stage: Stage, network: nn.Module, progress: Progress | None = None
    ) -> Sampler:
        """Cases with the CTs placed for a stage, and beside them simulated ones.

        Parameters
        ----------
        stage : Stage
            How targets are placed, and how bone is sampled and weighted.
        network : torch.nn.Module
            What ``deformed`` moves the CTs onto the predictions of.
        """
        cases = []
        for n, (pair, place) in enumerate(zip(self.pairs, self.places, strict=True)):
            where = place if stage.targets == "matched" else Placement(place.rigid)
            placed, seen = where.place(pair.mr, pair.ct), where.covers(pair.mr, pair.ct)
            if stage.targets == "deformed":
                channels = normalize(pair.mr.voxels, MR_NORMALIZATION)[None]
                made = predict_volume(network, channels, self.recipe.slices) * HU_SCALE
                synthetic = pair.mr.with_voxels(made, modality="CT", unit="HU")
                body = interior(pair.mr, erode=0, past_edge=True) & seen
                placed, _ = deform_onto(synthetic, pair.ct, place.rigid, body | ct_body(made))
            cases.append(make_case(pair, placed, seen, stage.point_weight))
            if progress is not None:
                progress((n + 1) / len(self.pairs), "place")
        slices, patch = self.recipe.slices, self.recipe.patch
        real = self.recipe.batch - stage.simulated
        pairs = PairSampler(cases, slices, real, patch, stage.at_points)
        if not stage.simulated:
            return pairs
        others = SimulatedSampler(self.limbs, slices, stage.simulated, patch, stage.at_points)
        return Together((pairs, others))

    def watch(self, network: nn.Module) -> Mapping[str, float]:
        """Mean absolute error and bone Dice of the validation patients."""
        predict = validate.network_predictor(cast(SliceUNet, network), self.recipe)
        rows = validate.table(self.data, {"model": predict}, self.recipe.validation, ["deformable"])
        mean = validate.means(rows)["model"]
        return {name: mean[name] for name in ("mae_hu", "me_soft_hu", "bone_dice")}

    def statistics(self) -> Mapping[str, Any]:
        """Of the training patients' MR."""
        return {"T1": mr_statistics(self.pairs)}

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card."""
        return card.block(self.recipe, self.patients)

    def quality(self, network: nn.Module) -> Sequence[Mapping[str, Any]]:
        """Over the validation patients."""
        return validate.quality(self.data, cast(SliceUNet, network), self.recipe)


def mr_statistics(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Input statistics of the pairs' MR."""
    return fit([features(pair.mr) for pair in pairs], "mr")


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> ExtremityData:
    """The pairs, rigidly registered; transforms are kept in `cache`."""
    return ExtremityData.read(recipe, data, cache / "registrations", progress)
