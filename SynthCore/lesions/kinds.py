"""Kinds of lesion that can be placed: their parts, where they occur, and who described them.

MR contrast is not stated here: it follows from relaxation times, proton density and contrast agent
of each part's tissue in `SynthCore.physics.generator.tissue_values`. CT numbers of the brain come
from there too; those of lung and liver are here.

Sources
-------
Osborn
    Osborn, Hedlund, Salzman, Osborn's Brain, 2nd ed., Elsevier 2017: appearance by sequence.
Bradley
    Bradley, Radiology 1993;189:15: hemorrhage in MR by age.
Filippi
    Filippi et al., Brain 2019;142:1858: shape, size and place of plaques.
Kothari
    Kothari et al., Stroke 1996;27:1304: hematomas as ellipsoids.
Fleischner
    MacMahon et al., Radiology 2017;284:228: solid, part-solid and ground-glass nodules.
Wang
    Wang et al., Iran J Radiol 2018;15:e61846: ground glass of part-solid nodules between -675 and
    -562 HU.
Ariff
    Ariff et al., World J Gastroenterol 2009;15:1289: liver lesions by phase of enhancement.
Estimate
    Of this project; no source known that measured it in that form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Organ = Literal["brain", "lung", "liver"]

Code = tuple[str, str, str]
"""Code value, coding scheme (SCT: SNOMED CT, DCM: DICOM), meaning."""

_MR_AND_CT = ("T1", "T1c", "T2", "FLAIR", "PD", "DIR", "CT")


@dataclass(frozen=True)
class PartKind:
    """One tissue of a lesion.

    Attributes
    ----------
    name : str
        For a person, and in maps of parts.
    tissue : str
        A key of `tissue_values.TABLE` for the brain; empty for lung and liver.
    code : tuple of str
        What it is in SNOMED CT or DICOM's own words.
    hu : float
        Lung: CT number. Liver: difference to the liver around. Unused for the brain.
    proper : bool
        Whether it belongs to the mask and its volume; edema does not.
    """

    name: str
    tissue: str
    code: Code
    hu: float = 0.0
    proper: bool = True


@dataclass(frozen=True)
class Kind:
    """One kind of lesion.

    Attributes
    ----------
    name, title : str
        On the command line; for a person.
    organ : {'brain', 'lung', 'liver'}
        What it lies in.
    parts : tuple of PartKind
        Labels 1, 2, ... in this order; a later one lies over an earlier one.
    roles : tuple of str
        Images it can be placed in.
    sites : tuple of str
        Rules for its place, its usual one first.
    volume_ml : tuple of float
        Least and largest.
    mass : float
        Displacement at its border as a share of its radius, for `LesionWish.mass_effect` of 1.
    code : tuple of str
        What it is.
    source : str
        Keys of the module's list.
    """

    name: str
    title: str
    organ: Organ
    parts: tuple[PartKind, ...]
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    volume_ml: tuple[float, float]
    mass: float
    code: Code
    source: str


_EDEMA = PartKind("edema", "edema", ("79654002", "SCT", "Edema"), proper=False)
_NECROSIS = PartKind("necrosis", "necrosis", ("6574001", "SCT", "Necrosis"))
_SOLID = PartKind("enhancing tumor", "tumor", ("108369006", "SCT", "Neoplasm"))

_BRAIN_SITES = ("deep-white-matter", "periventricular", "cortical", "deep-gray-matter")


def _brain(
    name: str,
    title: str,
    parts: tuple[PartKind, ...],
    sites: tuple[str, ...],
    volume_ml: tuple[float, float],
    mass: float,
    code: Code,
    source: str,
) -> Kind:
    rest = tuple(site for site in _BRAIN_SITES if site not in sites)
    return Kind(
        name, title, "brain", parts, _MR_AND_CT, (*sites, *rest), volume_ml, mass, code, source
    )


_ALL = (
    _brain("glioma", "Glioma with necrosis, enhancing ring and edema", (_EDEMA, _SOLID, _NECROSIS),
           ("deep-white-matter",), (0.5, 150.0), 0.30,
           ("1163375002", "SCT", "Glioblastoma"), "Osborn"),
    _brain("metastasis", "Metastasis of the brain", (_EDEMA, _SOLID, _NECROSIS),
           ("cortical", "deep-white-matter"), (0.02, 60.0), 0.20,
           ("14799000", "SCT", "Neoplasm, metastatic"), "Osborn"),
    _brain("ms-plaques", "Plaques of multiple sclerosis",
           (PartKind("plaque", "plaque", ("1522000", "SCT", "plaque")),),
           ("periventricular", "deep-white-matter", "cortical"), (0.02, 40.0), 0.0,
           ("24700007", "SCT", "Multiple sclerosis"), "Filippi; Osborn"),
    _brain("infarct", "Infarct, acute to subacute",
           (PartKind("infarct", "acute infarct", ("55641003", "SCT", "Infarct")),),
           ("cortical", "deep-gray-matter"), (0.05, 250.0), 0.06,
           ("55641003", "SCT", "Infarct"), "Osborn"),
    _brain("hemorrhage", "Intracerebral hemorrhage, acute",
           (_EDEMA, PartKind("hematoma", "acute blood", ("35566002", "SCT", "Hematoma"))),
           ("deep-gray-matter", "deep-white-matter"), (0.05, 120.0), 0.30,
           ("50960005", "SCT", "Hemorrhage"), "Bradley; Kothari"),
    Kind("lung-nodule-solid", "Solid lung nodule", "lung",
         (PartKind("solid", "", ("27925004", "SCT", "Nodule"), 35.0),),
         ("CT",), ("lung", "subpleural"), (0.015, 30.0), 0.0,
         ("27925004", "SCT", "Nodule"), "Fleischner; Estimate (35 HU)"),
    Kind("lung-nodule-part-solid", "Part-solid lung nodule", "lung",
         (PartKind("ground glass", "", ("112120", "DCM", "Ground glass opacity"), -620.0),
          PartKind("solid", "", ("27925004", "SCT", "Nodule"), 15.0)),
         ("CT",), ("lung", "subpleural"), (0.05, 30.0), 0.0,
         ("27925004", "SCT", "Nodule"), "Fleischner; Wang; Estimate (15 HU)"),
    Kind("liver-hypovascular", "Hypovascular liver lesion, portal venous phase", "liver",
         (PartKind("rim", "", ("52988006", "SCT", "Lesion"), -28.0),
          PartKind("center", "", ("52988006", "SCT", "Lesion"), -50.0)),
         ("CT",), ("liver",), (0.1, 200.0), 0.08,
         ("14799000", "SCT", "Neoplasm, metastatic"), "Ariff; Estimate (-28 and -50 HU)"),
    Kind("liver-hypervascular", "Hypervascular liver lesion, late arterial phase", "liver",
         (PartKind("lesion", "", ("52988006", "SCT", "Lesion"), 42.0),),
         ("CT",), ("liver",), (0.1, 200.0), 0.08,
         ("108369006", "SCT", "Neoplasm"), "Ariff; Estimate (42 HU)"),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every kind by its name."""
