"""A study of images that are in memory already: what the module in Slicer sends to the engine.

The same rules as for files, in `SynthCore.planning.study`: one frame of reference, CT numbers, one
grid. Masks come on the synthetic CT's grid; what a plan says (its patient, its beams) is for
whoever has read its file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from SynthCore.dicom.rt.dose import Dose
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.planning.identity import frame_of, require_same
from SynthCore.planning.study import NOT_MOVED, Study, _hu, _mr, _reference
from SynthCore.planning.study_objects import require_two_doses, targets_of
from SynthCore.quality.real import not_synthetic
from SynthCore.request import Progress

if TYPE_CHECKING:  # registration loads torch, which a check without it does not need
    from SynthCore.planning.registration import Kind

Mask = npt.NDArray[np.bool_]

MOST_GY = 1000.0
"""No treatment gives more; a dose read without its scaling is thousands of times as high."""


def study_of_images(
    synthetic: Image,
    *,
    reference: Image | None = None,
    mr: Image | None = None,
    structures: Mapping[str, Image] | None = None,
    targets: Sequence[str] = (),
    doses: tuple[Image, Image] | None = None,
    register: Kind | None = None,
    progress: Progress | None = None,
) -> Study:
    """Put images together and see that they belong together.

    Parameters
    ----------
    synthetic, reference, mr : Image
        As of `Study`, each on its own grid; headers, where there are any, name the frame of
        reference.
    structures : mapping
        Masks by name on the synthetic CT's grid; what is positive is inside.
    targets : sequence of str
        Names among them; those named PTV, CTV, GTV or ITV where none is given.
    doses : tuple of Image, optional
        In Gy, on the real and on the synthetic CT, each on its own grid.
    register : {'rigid', 'deformable'}, optional
        Lay the real CT on the synthetic one first.
    progress : callable, optional
        Told how far that is; what it raises stops it.

    Raises
    ------
    InputError
        As `SynthCore.planning.study.read_study`, and for a mask on another grid.
    RefusedError
        As there.
    """
    synthetic = _hu(synthetic, "synthetic CT")
    notes = [*([told] if (told := not_synthetic(synthetic)) else []), *synthetic.notes]
    seen = np.ones(synthetic.shape, dtype=np.bool_)
    registration, around = None, None
    # what is wrong with these is told before a registration takes its minutes
    masks = {name: _mask(name, image, synthetic) for name, image in (structures or {}).items()}
    chosen = targets_of(masks, {}, targets)
    if mr is not None:
        mr = _mr(synthetic, mr, notes)
    if reference is not None:
        reference, seen, registration, around = _reference(
            synthetic, reference, register, notes, progress
        )
        if registration is not None and doses is not None:
            notes.append(NOT_MOVED)
    for image in (structures or {}).values():
        notes += image.notes
    return Study(
        synthetic, reference, mr, seen, masks, chosen, None,
        None if doses is None else _doses(doses, synthetic), tuple(dict.fromkeys(notes)),
        registration, around=around,
    )  # fmt: skip


def _mask(name: str, image: Image, grid: Image) -> Mask:
    if not image.same_grid(grid):
        raise InputError(f"The structure {name} does not lie on the synthetic CT's grid.")
    mask = np.asarray(image.voxels > 0)
    if not mask.any():
        raise InputError(f"The structure {name} holds no voxel of the synthetic CT.")
    return mask


def _doses(doses: tuple[Image, Image], grid: Image) -> tuple[Dose, Dose]:
    made = []
    for image, on in zip(doses, ("real CT", "synthetic CT"), strict=True):
        values = image.voxels
        if not np.isfinite(values).all() or float(values.min()) < 0 or not float(values.max()) > 0:
            raise InputError(
                f"The dose on the {on} holds values that are not doses: load the RTDOSE again."
            )
        if float(values.max()) > MOST_GY:
            raise InputError(
                f"The dose on the {on} reaches {float(values.max()):.3g}: these are stored values "
                "and not Gy; load the RTDOSE again."
            )
        require_same(frame_of(image), frame_of(grid), f"dose on the {on}", "frame of reference")
        made.append(
            Dose(
                image.with_voxels(values.astype(np.float32), modality="", unit="Gy"),
                frame_of(image), "", "", "", "",
            )
        )  # fmt: skip
    require_two_doses(made[0], made[1])
    return made[0], made[1]
