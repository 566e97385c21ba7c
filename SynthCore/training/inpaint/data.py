"""Real and generated heads, as the recipe of inpainting uses them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from SynthCore.errors import InputError
from SynthCore.request import Progress
from SynthCore.training.inpaint import card, validate
from SynthCore.training.inpaint.generated import list_label_maps, make_head, read_label_map
from SynthCore.training.inpaint.heads import list_heads
from SynthCore.training.inpaint.regions import Region
from SynthCore.training.inpaint.sampler import HoleSampler
from SynthCore.training.inpaint.statistics import input_statistics
from SynthCore.training.inpaint.volumes import Volume, load, real_volume, save
from SynthCore.training.recipe import Recipe, Stage, refuse_leakage, refuse_unknown


@dataclass
class InpaintData:
    """Volumes of all training patients."""

    recipe: Recipe
    data: Path
    cache: Path
    drawn: HoleSampler
    watched: list[Region] | None = None

    @property
    def patients(self) -> list[str]:
        """Everyone that is trained on, label maps among them."""
        return self.drawn.patients

    def sampler(
        self, stage: Stage, network: nn.Module, progress: Progress | None = None
    ) -> HoleSampler:
        """The same for every stage."""
        return self.drawn

    def watch(self, network: nn.Module) -> Mapping[str, float]:
        """Error in one region of each of a few validation images."""
        if self.watched is None:
            self.watched = validate.watched(self.data, self.recipe)
        return validate.watch(self.watched, network, self.recipe)

    def statistics(self) -> Mapping[str, Any]:
        """Of heads and brains in MR, and of generated heads in CT."""
        return input_statistics(self.data, self.recipe, self.cache)

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card."""
        return card.block(self.recipe, self.patients)

    def quality(self, network: nn.Module) -> Sequence[Mapping[str, Any]]:
        """On the validation patients."""
        return validate.quality(self.data, network, self.recipe)


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> InpaintData:
    """The volumes; they are made once and kept in `cache`."""
    heads = [head.patient for head in list_heads(data)]
    refuse_unknown(recipe, [*heads, *(name for name, _ in list_label_maps(data))])
    real = read_real(recipe, data, cache / "volumes", progress)
    generated = read_generated(recipe, data, cache / "volumes", seed, progress)
    if not real and not generated:
        raise InputError(f"There is no head among the images in {data}; give --data FOLDER.")
    refuse_leakage(recipe, [v.patient for v in (*real, *generated)])
    share = recipe.options["generated"]
    sampler = HoleSampler(real, generated, share, recipe.slices, recipe.batch, recipe.patch)
    return InpaintData(recipe, data, cache / "volumes", sampler)


def read_real(
    recipe: Recipe, data: Path, cache: Path, progress: Progress | None = None
) -> list[Volume]:
    """Every real head of the training patients."""
    heads = [h for h in list_heads(data) if h.patient not in recipe.validation]
    made = []
    for n, head in enumerate(heads):
        # a patient has several images of a role, and a fold leaves others out
        path = cache / f"real-{zlib.crc32(head.path.encode()):08x}-{head.patient}-{head.role}.npz"
        made += _kept([path], lambda head=head: [real_volume(data, head)])  # type: ignore[misc]
        if progress is not None:
            progress((n + 1) / len(heads), "real heads")
    return made


def read_generated(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> list[Volume]:
    """A generated person from each label map that is trained on."""
    maps = [(n, p) for n, p in list_label_maps(data) if n not in recipe.validation]
    maps = maps[: int(recipe.options["heads"])]
    made = []
    for n, (name, path) in enumerate(maps):
        kept = [cache / f"{name}-{seed}-{part}.npz" for part in range(3)]
        made += _kept(
            kept,
            lambda name=name, path=path: make_head(name, read_label_map(path), seed),  # type: ignore[misc]
        )
        if progress is not None:
            progress((n + 1) / len(maps), "generated heads")
    return made


def _kept(paths: Sequence[Path], make: Callable[[], list[Volume]]) -> list[Volume]:
    if not all(path.exists() for path in paths):
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        for volume, path in zip(make(), paths, strict=True):
            save(volume, path)
    return [load(path) for path in paths]
