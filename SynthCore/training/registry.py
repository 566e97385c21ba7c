"""Every recipe by its name; a recipe's room is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.request import Progress
from SynthCore.training.recipe import Recipe
from SynthCore.training.recipe_data import RecipeData

ROOMS = {
    "mr-to-ct-extremity": "extremity",
    "mr-to-ct-head": "head",
    "mr-sequence-brain": "sequence",
    "ct-denoise-body": "denoise",
    "ct-denoise-doses": "dose_range",
    "ct-denoise-red-cnn": "red_cnn",
    "inpaint-brain": "inpaint",
    "cbct-to-ct-body": "cone_beam",
    "super-resolution-mr-ct": "super_resolution",
}
"""Room of `SynthCore.training` by the name of its recipe.

A room has ``recipe.RECIPE`` and ``data.open_data``."""

OpenData = Callable[[Recipe, Path, Path, int, Progress | None], RecipeData]
"""Recipe, folder of images, folder for what is kept, seed, progress."""


def get_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    recipe: Recipe = _module(name, "recipe").RECIPE
    return recipe


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> RecipeData:
    """What a recipe learns from, read and made ready.

    Raises
    ------
    InputError
        If the images are not there, or a validation patient is among those to train on.
    """
    make: OpenData = _module(recipe.name, "data").open_data
    return make(recipe, data, cache, seed, progress)


def _module(name: str, part: str):  # type: ignore[no-untyped-def] # modules have no other type
    if name not in ROOMS:
        raise InputError(f"There is no recipe {name!r}; there are {', '.join(ROOMS)}.")
    return import_module(f"SynthCore.training.{ROOMS[name]}.{part}")
