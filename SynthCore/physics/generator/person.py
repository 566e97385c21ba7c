"""A random person: drawn first, then made in any window of a label map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.generator.deformation import Deformation, draw_deformation
from SynthCore.physics.generator.lesions import Lesion, draw_lesions
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.record import from_json, to_json
from SynthCore.physics.generator.skull import Skull, draw_skull
from SynthCore.physics.generator.soft import Layers, draw_layers
from SynthCore.physics.generator.spaces import Spaces, draw_spaces
from SynthCore.physics.generator.tissue_values import TABLE
from SynthCore.physics.generator.window import Window

Six = tuple[float, float, float, float, float, float]
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Texture:
    """How rough tissues are, and where their random fields begin.

    Attributes
    ----------
    strength : float
        Of all texture, 1 as in the table of tissues.
    fine_mm, middle_mm : float
        Voxel of the noise cube: a third of the grain.
    fine_shift, middle_shift : tuple of float
        Where in the cube.
    wide_seed : int
        Of the fields with a grain of 40 mm.
    vessels : float
        Level above which cortical vessels show in the CSF; large for none.
    """

    strength: float
    fine_mm: float
    middle_mm: float
    fine_shift: Triple
    middle_shift: Triple
    wide_seed: int
    vessels: float


@dataclass(frozen=True)
class Person:
    """Everything that is random about a person, in any label map.

    Attributes
    ----------
    field_t : float
        1.5 or 3.0, which the times belong to.
    tissues : tuple
        For every tissue of `tissue_values` t1, t2, t2_star (ms), density, CT number, agent.
    deformation, layers, skull, lesions, texture, spaces
        See their classes.
    """

    field_t: float
    tissues: tuple[Six, ...]
    deformation: Deformation
    layers: Layers
    skull: Skull
    lesions: tuple[Lesion, ...]
    texture: Texture
    spaces: Spaces

    def to_json(self) -> str:
        """Every draw as JSON."""
        return to_json(self)

    @staticmethod
    def from_json(text: str) -> Person:
        """Read what `to_json` wrote.

        Raises
        ------
        InputError
            If it is something else.
        """
        return from_json(Person, text)


def draw_person(
    rng: np.random.Generator,
    *,
    field_t: float | None = None,
    healthy: float = 0.5,
    spread: float = 1.0,
    strength: float = 1.0,
    wide_spaces: float = 0.0,
) -> Person:
    """Draw a person.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where all draws come from.
    field_t : float, optional
        1.5 or 3.0; drawn where not given.
    healthy : float
        Share of people without a lesion.
    spread : float
        Of tissue values, 1 as between people.
    strength : float
        Of the deformation, 1 as between people.
    wide_spaces : float
        Share of people whose fluid spaces are wider than the label map's.

    Raises
    ------
    ValueError
        If the field strength is neither.
    """
    drawn_field = float(rng.choice((1.5, 3.0)))
    field = drawn_field if field_t is None else field_t
    if field not in (1.5, 3.0):
        raise ValueError("tissue values are known at 1.5 and 3.0 T")

    def shift() -> Triple:
        a, b, c = (float(v) for v in rng.uniform(0, 64, 3))
        return a, b, c

    return Person(
        field,
        _tissues(rng, 0 if field == 1.5 else 1, spread),
        draw_deformation(rng, strength),
        draw_layers(rng),
        draw_skull(rng),
        draw_lesions(rng, healthy),
        Texture(
            float(rng.uniform(0.5, 1.8)),
            float(rng.uniform(0.7, 1.2)),
            float(rng.uniform(1.6, 3.2)),
            shift(),
            shift(),
            int(rng.integers(2**31)),
            float(rng.uniform(0.6, 2.0)),
        ),
        draw_spaces(rng, wide_spaces),
    )


def _tissues(rng: np.random.Generator, index: int, spread: float) -> tuple[Six, ...]:
    """Every tissue's values; part of the difference is shared by all (method, age, water)."""
    common = np.clip(rng.normal(0, 1, 4), -2, 2)
    found: list[Six] = []
    for values in TABLE.values():
        own = np.clip(rng.normal(0, 1, 5), -2, 2)
        z = (0.4 * common + 0.9 * own[:4]) * spread
        t1 = values.t1[index] * float(np.exp(values.spread[0] * z[0]))
        longer = float(np.exp(values.spread[1] * z[1]))
        density = min(values.density * float(np.exp(values.spread[2] * z[2])), 1.05)
        hu = values.hu + values.spread[3] * float(z[3])
        agent = values.agent * float(np.exp(0.35 * own[4] * spread))
        found.append(
            (t1, values.t2[index] * longer, values.t2_star[index] * longer, density, hu, agent)
        )
    return tuple(found)


def apply_person(person: Person, labels: Tensor | Anatomy, window: Window) -> TissueMaps:
    """Make a person in a window; the same arguments give the same voxels.

    Parameters
    ----------
    person : Person
        Drawn.
    labels : Tensor or Anatomy
        A label map int16 [k, j, i], axes toward superior, posterior, left, 1 mm; or what
        `anatomy.read_anatomy` made of one, which takes seconds and is better kept.
    window : Window
        In voxels of the whole label map.

    Returns
    -------
    TissueMaps
        On the device of the labels.
    """
    from SynthCore.physics.generator.compose import compose

    anatomy = labels if isinstance(labels, Anatomy) else read_anatomy(labels)
    return compose(person, anatomy, window)
