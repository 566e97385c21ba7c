"""A teaching case: what a teacher says of a study, and which of its images are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from SynthCore.quality.orientation import PlaneName

Point = tuple[float, float, float]
"""LPS millimeters."""

Shown = Literal["question", "answer"]
"""From the start, or only once the answer is revealed."""


@dataclass(frozen=True)
class WindowWish:
    """A display window that is asked for: by name, or by center and width.

    Attributes
    ----------
    name : str
        One of `SynthCore.teaching.windows.NAMES`, empty where center and width are given.
    center, width : float
        In the image's unit; of no meaning where a name is given.
    """

    name: str = ""
    center: float = 0.0
    width: float = 0.0


@dataclass(frozen=True)
class Arrow:
    """An arrow whose tip is at a point of the patient, with words beside it."""

    point: Point
    label: str = ""


@dataclass(frozen=True)
class KeyImage:
    """One slice that matters.

    Attributes
    ----------
    series : str
        Name of a series of the case.
    point : tuple of float or None
        LPS millimeters; the slice through it is shown. None: by `slice`, or the first arrow's.
    slice : int or None
        Number of the slice from 1, as the class page counts them: from inferior to superior, from
        anterior to posterior or from right to left.
    window : WindowWish or None
        None: the first one of the series.
    caption : str
        A line below it.
    arrows : tuple of Arrow
        Drawn on the slice.
    shown : {'question', 'answer'}
        When.
    """

    series: str
    point: Point | None = None
    slice: int | None = None
    window: WindowWish | None = None
    caption: str = ""
    arrows: tuple[Arrow, ...] = ()
    shown: Shown = "answer"


@dataclass(frozen=True)
class CaseSeries:
    """One stack of images.

    Attributes
    ----------
    name : str
        What the class reads, and what key images call it; the role unless another is given.
    role : str
        A role of the catalogue (``T1``, ``CT``, ...).
    path : str
        Image file or DICOM folder, from the case file's folder.
    plane : {'axial', 'coronal', 'sagittal'}
        Which way to cut.
    windows : tuple of WindowWish
        The first one is shown first; empty: chosen by what the image is.
    compare : str
        The same images in another state, on the same grid: before the lesion was placed, after it
        was removed. Empty where there is none.
    compare_name : str
        What the class reads while it is shown.
    compare_shown : {'question', 'answer'}
        When it may be looked at.
    synthetic, compare_synthetic : bool
        Whether they are synthetic though their files do not say so. A file that says so is marked
        in any case.
    """

    name: str
    role: str
    path: str
    plane: PlaneName = "axial"
    windows: tuple[WindowWish, ...] = ()
    compare: str = ""
    compare_name: str = "Before"
    compare_shown: Shown = "answer"
    synthetic: bool = False
    compare_synthetic: bool = False


@dataclass(frozen=True)
class TeachingCase:
    """A case as its teacher wrote it.

    Attributes
    ----------
    title, history, question, answer, discussion : str
        Text; an empty line begins a paragraph.
    choices : tuple of str
        The answer is one of them; empty: an open question.
    author, category : str
    abstract : str
        A sentence for a catalog of cases; only the DICOM teaching file has it.
    keywords : tuple of str
    language : str
        Of the text, as in ``en`` or ``pt-BR``.
    series : tuple of CaseSeries
        At least one.
    key_images : tuple of KeyImage
    truth : str
        Mask of the finding, from the case file's folder; empty where there is none.
    truth_name : str
        What it is.
    truth_algorithm : str
        What made the mask; empty where a person drew it, or a DICOM Segmentation says it.
    folder : Path
        What the paths start from.
    """

    title: str
    question: str
    answer: str
    series: tuple[CaseSeries, ...]
    history: str = ""
    choices: tuple[str, ...] = ()
    discussion: str = ""
    author: str = ""
    category: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    language: str = "en"
    key_images: tuple[KeyImage, ...] = ()
    truth: str = ""
    truth_name: str = "Finding"
    truth_algorithm: str = ""
    folder: Path = field(default=Path(), repr=False)

    def place(self, path: str) -> str:
        """A path of the case file as `SynthCore.files.read.read` takes it."""
        return str(self.folder / Path(path).expanduser())
