"""The images of a case, read: every series with its other state, its truth and its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from SynthCore.axes import in_order_of
from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.quality.report_pictures import body_of
from SynthCore.request import Progress
from SynthCore.teaching.case import CaseSeries, KeyImage, Point, TeachingCase
from SynthCore.teaching.plane import Cut, cut_of

Mask = npt.NDArray[np.bool_]
_OFF_MM = 5.0
"""An arrow farther than this (and than one and a half slices) from its slice is a slip."""


@dataclass(frozen=True)
class StudySeries:
    """A series of a case with its voxels.

    Attributes
    ----------
    asked : CaseSeries
        What the case says of it.
    image, compare : Image
        `compare` is on the grid of `image`, None where there is no other state.
    synthetic, compare_synthetic : bool
        By their files or by the case.
    body : numpy.ndarray of bool
        Shape ``(k, j, i)``.
    truth : Image or None
        Boolean, on the same grid; None where the case has none or it lies elsewhere.
    cut : Cut
        How it is shown.
    """

    asked: CaseSeries
    image: Image
    compare: Image | None
    synthetic: bool
    compare_synthetic: bool
    body: Mask
    truth: Image | None
    cut: Cut

    def slice_of(self, key: KeyImage) -> int:
        """Index of the slice that a key image is on.

        Raises
        ------
        InputError
            If its point or number lies outside the images, or an arrow off the slice.
        """
        name = f"The key image of {self.asked.name}"
        if key.slice is not None:
            if key.slice > self.cut.count:
                raise InputError(
                    f"{name} is slice {key.slice}, but {self.asked.name} has {self.cut.count}."
                )
            index = key.slice - 1
        else:
            point = key.point if key.point is not None else key.arrows[0].point
            index = round(self._locate(point, name)[0])
            index = min(max(index, 0), self.cut.count - 1)
        for number, arrow in enumerate(key.arrows, 1):
            off = abs(self._locate(arrow.point, f"Arrow {number} of a key image")[0] - index)
            if off * self.cut.step_mm > max(_OFF_MM, 1.5 * self.cut.step_mm):
                raise InputError(
                    f"Arrow {number} of a key image of {self.asked.name} lies "
                    f"{off * self.cut.step_mm:.0f} mm from the slice that is shown; correct its "
                    "point or the slice."
                )
        return index

    def _locate(self, point: Point, name: str) -> tuple[float, float, float]:
        try:
            return self.cut.locate(point)
        except InputError as error:
            shown = ", ".join(f"{v:g}" for v in point)
            raise InputError(
                f"{name}: the point {shown} (LPS mm) lies outside {self.asked.name}; points are "
                'LPS unless the case says coordinates = "RAS".'
            ) from error


@dataclass(frozen=True)
class Study:
    """A case with its images."""

    case: TeachingCase
    series: tuple[StudySeries, ...]

    @property
    def synthetic(self) -> bool:
        """Whether anything in it is synthetic."""
        return any(one.synthetic or one.compare_synthetic for one in self.series)


def read_study(case: TeachingCase, *, progress: Progress | None = None) -> Study:
    """Read the images of a case from its files.

    Raises
    ------
    InputError
        If one cannot be read, a comparison lies on another grid, or the truth on none.
    """

    def image(path: str, role: str) -> Image:
        try:
            return read(case.place(path), modality=role)
        except InputError as error:
            raise InputError(f"In the case file, path {path!r} of {role}: {error}") from error

    def truth(_: CaseSeries, on: Image) -> Image:
        return read_mask(case.place(case.truth), on)

    return make_study(case, image, truth, progress=progress)


def make_study(
    case: TeachingCase,
    read_image: Callable[[str, str], Image],
    read_truth: Callable[[CaseSeries, Image], Image],
    *,
    progress: Progress | None = None,
) -> Study:
    """Put a case and its images together.

    Parameters
    ----------
    case : TeachingCase
    read_image : callable
        Gives the image of a path of the case and a role.
    read_truth : callable
        Gives the truth, boolean, on the grid of a series' image; asked only where the case has
        one.
    progress : callable, optional

    Raises
    ------
    InputError
        As `read_study`.
    """
    report = progress or (lambda fraction, stage: None)
    found: list[StudySeries] = []
    trouble: InputError | None = None
    for number, asked in enumerate(case.series):
        report(number / len(case.series), asked.name)
        one = _make_series(asked, read_image)
        if case.truth:
            try:
                one = replace(one, truth=read_truth(asked, one.image))
            except InputError as error:  # it need not lie in every series
                trouble = error
        found.append(one)
    if trouble is not None and all(one.truth is None for one in found):
        raise trouble
    return Study(case, tuple(_cropped_alike(found)))


def _make_series(asked: CaseSeries, read_image: Callable[[str, str], Image]) -> StudySeries:
    image = _finite(read_image(asked.path, asked.role))
    compare = None
    if asked.compare:
        compare = in_order_of(_finite(read_image(asked.compare, asked.role)), image)
        if compare is None:
            raise InputError(
                f"The two states of {asked.name} lie on different grids; compare images that were "
                "made from one another."
            )
    body = body_of(image)
    return StudySeries(
        asked=asked,
        image=image,
        compare=compare,
        synthetic=asked.synthetic or bool(image.synthetic),
        compare_synthetic=compare is not None
        and (asked.compare_synthetic or bool(compare.synthetic)),
        body=body,
        truth=None,
        cut=cut_of(image, asked.plane, body),
    )


def twins_of(one: StudySeries, series: Sequence[StudySeries]) -> list[StudySeries]:
    """Those that are shown in the same plane on the same grid, itself among them."""
    return [
        other
        for other in series
        if other.cut.plane == one.cut.plane and other.image.same_grid(one.image, 0.01)
    ]


def _finite(image: Image) -> Image:
    if np.isfinite(image.voxels).all():
        return image
    return image.with_voxels(np.nan_to_num(image.voxels, posinf=0.0, neginf=0.0))


def _cropped_alike(series: list[StudySeries]) -> list[StudySeries]:
    """Series of one grid and plane are cropped alike, so that nothing jumps between them."""
    made = []
    for one in series:
        twins = [other.cut for other in twins_of(one, series)]
        rows = slice(min(c.rows.start for c in twins), max(c.rows.stop for c in twins))
        columns = slice(min(c.columns.start for c in twins), max(c.columns.stop for c in twins))
        made.append(replace(one, cut=replace(one.cut, rows=rows, columns=columns)))
    return made
