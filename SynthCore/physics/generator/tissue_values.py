"""What tissues are like, person by person: relaxation, density and CT number with their spread.

Means come from `SynthCore.physics.tissues`, which names a source for each; this file adds T2*, how
much each value differs between healthy people, and tissues that a phantom does not have.

Sources beyond those
--------------------
Peters
    Peters et al., Magn Reson Imaging 2007;25:748: T2* of gray matter 84 ms at 1.5 T and 66 ms at
    3 T, of white matter 66 ms and 53 ms. With the T2 of the table, 1 / T2* - 1 / T2 is about
    1 / 780 ms and 1 / 215 ms: `DEPHASING` of soft tissue away from air and bone.
Wansapura
    Wansapura et al., J Magn Reson Imaging 1999;9:531: T2 of white matter 80 ms at 3 T, where
    Stanisz has 69 ms; gray matter differs by place from below 80 to 110 ms. Values between are
    taken that give turbo spin echoes the contrast measured in real studies: gray over white matter
    1.2 to 1.3 in T2, 1.05 to 1.2 in FLAIR.
Wehrli
    Wehrli et al., Radiology 1991;179:615: trabeculae shorten T2* of the marrow between them, to
    about 10 to 20 ms.
Bottomley
    Bottomley et al., Med Phys 1984;11:425: review of T1 and T2 of normal tissues; standard
    deviations of about 10 to 20% over studies. The relative spreads here lie below that in the
    brain, where one method agrees better, and at it elsewhere.
Peterson
    Peterson and Dechow, Anat Rec 2003;274A:785: density of the tables of the human skull and how
    much it differs between places and people; the spread of CT numbers of bone follows it.
Du
    Du and Bydder, NMR Biomed 2013;26:489: the water of cortical bone has a T2* of 0.3 to 0.5 ms: no
    conventional sequence sees it. What stays visible is fat and water in pores (Estimate).
Vymazal
    Vymazal et al., Radiology 1999;211:489: iron shortens T2 of pallidum and putamen with age.
Bradley
    Bradley, Radiology 1993;189:15: hemorrhage by age: oxy-, deoxy-, methemoglobin, hemosiderin.
    Times are middle values of its description.
Estimate
    As in `SynthCore.physics.tissues`.
"""

from __future__ import annotations

from dataclasses import dataclass

from SynthCore.physics.tissues import TISSUES

DEPHASING = (780.0, 215.0)
"""T2' in ms at 1.5 T and 3 T; see Peters."""


@dataclass(frozen=True)
class Values:
    """One tissue; times in ms at 1.5 T and 3 T.

    Attributes
    ----------
    t1, t2, t2_star : tuple of float
        Means.
    density, hu, agent : float
        Means: water = 1, CT number, mmol/l after a dose.
    spread : tuple of float
        Standard deviation between people: of T1, T2, density (relative) and of the CT number (HU).
    texture : float
        Relative standard deviation of density and T1 within the tissue.
    hu_texture : float
        Standard deviation of the CT number within the tissue, HU.
    brain : bool
        Whether skull stripping leaves it.
    """

    t1: tuple[float, float]
    t2: tuple[float, float]
    t2_star: tuple[float, float]
    density: float
    hu: float
    agent: float
    spread: tuple[float, float, float, float]
    texture: float
    hu_texture: float
    brain: bool = False


_SOFT = (0.10, 0.15, 0.05, 6.0)
_BRAIN = (0.05, 0.07, 0.03, 2.0)
_BONE = (0.10, 0.20, 0.15, 150.0)
_LESION = (0.15, 0.22, 0.05, 4.0)


def _known(
    name: str,
    spread: tuple[float, float, float, float] = _SOFT,
    *,
    like: str | None = None,
    dephasing: tuple[float, float] = DEPHASING,
    t2: tuple[float, float] | None = None,
    brain: bool = False,
    **changes: float,
) -> tuple[str, Values]:
    """A tissue of the phantom's table, with T2* from T2 and T2', and with what differs here."""
    tissue = TISSUES[like or name]
    t2 = t2 or tissue.t2
    t2_star = (1 / (1 / t2[0] + 1 / dephasing[0]), 1 / (1 / t2[1] + 1 / dephasing[1]))
    return name, Values(
        tissue.t1, t2, t2_star,
        changes.get("density", tissue.density), changes.get("hu", tissue.hu),
        changes.get("agent", tissue.agent), spread,
        changes.get("texture", tissue.texture), changes.get("hu_texture", tissue.hu_texture), brain,
    )  # fmt: skip


def _new(
    name: str,
    t1: tuple[float, float],
    t2: tuple[float, float],
    t2_star: tuple[float, float],
    density: float,
    hu: float,
    agent: float = 0.0,
    spread: tuple[float, float, float, float] = _LESION,
    texture: float = 0.04,
    hu_texture: float = 3.0,
    brain: bool = True,
) -> tuple[str, Values]:
    """A tissue that the phantom does not have."""
    return name, Values(
        t1, t2, t2_star, density, hu, agent, spread, texture, hu_texture, brain
    )  # fmt: skip


_GRAY_T2, _WHITE_T2 = (95.0, 93.0), (80.0, 75.0)  # see Wansapura

_NEAR_AIR = (60.0, 30.0)  # T2' of soft tissue beside air and bone; Estimate
_TRABECULAR = (18.0, 9.0)  # T2' between trabeculae; Wehrli

TABLE: dict[str, Values] = dict(
    (
        _known("air", (0.0, 0.0, 0.0, 0.0)),
        _known("skin", dephasing=_NEAR_AIR),
        _known("fat", (0.08, 0.25, 0.06, 8.0), dephasing=(120.0, 60.0)),
        _known("muscle", (0.12, 0.15, 0.05, 6.0), dephasing=(160.0, 80.0)),
        _known("fibrous", dephasing=_NEAR_AIR),
        _known("gland", (0.15, 0.15, 0.05, 12.0), dephasing=(160.0, 80.0)),
        _known("mucosa", (0.12, 0.20, 0.05, 8.0), dephasing=_NEAR_AIR),
        _known("cartilage", dephasing=_NEAR_AIR),
        # pores and fat are what conventional sequences see of compact bone
        _new(
            "compact bone", (350, 400), (12, 11), (2.0, 1.2), 0.06, 1450, 0, _BONE, 0.10, 90, False
        ),
        _new(
            "dense bone", (350, 400), (12, 11), (2.0, 1.2), 0.05, 1850, 0, _BONE, 0.10, 120, False
        ),
        _known("diploe", (0.20, 0.25, 0.28, 150.0), dephasing=_TRABECULAR, hu=600, hu_texture=110),
        _known("marrow", (0.20, 0.15, 0.15, 80.0), dephasing=_TRABECULAR, hu_texture=60),
        _known("dura", dephasing=_NEAR_AIR, brain=True),
        _known("csf", (0.03, 0.20, 0.02, 3.0), dephasing=(2000.0, 800.0), brain=True),
        _known("gray matter", _BRAIN, t2=_GRAY_T2, brain=True),
        _known("white matter", _BRAIN, t2=_WHITE_T2, brain=True),
        _known("caudate", _BRAIN, brain=True),
        _known("putamen", (0.05, 0.10, 0.03, 2.0), dephasing=(350.0, 110.0), brain=True),
        _known("pallidum", (0.06, 0.14, 0.03, 4.0), dephasing=(160.0, 55.0), brain=True),
        _known("thalamus", _BRAIN, brain=True),
        _known("brainstem", _BRAIN, brain=True),
        _known("hippocampus", _BRAIN, like="gray matter", t2=_GRAY_T2, brain=True),
        _known("spinal cord", _BRAIN),
        _known("optic nerve", _BRAIN, dephasing=(160.0, 80.0)),
        _known("eye muscle", (0.12, 0.15, 0.05, 6.0), like="muscle", agent=0.18),
        _known("choroid plexus", brain=True),
        _known("arterial blood", (0.06, 0.20, 0.03, 4.0), like="blood", agent=0.7),
        _known(
            "venous blood",
            (0.06, 0.20, 0.03, 4.0),
            like="blood",
            dephasing=(60.0, 22.0),
            hu=54,
            agent=0.65,
        ),
        _known("vitreous", (0.03, 0.15, 0.02, 2.0)),
        _known("eye wall"),
        _known("lens"),
        _known("calcification", (0.15, 0.20, 0.20, 90.0), dephasing=(10.0, 5.0), brain=True),
        _known("edema", _LESION, brain=True),
        _known("tumor", _LESION, brain=True),
        _known("necrosis", (0.15, 0.30, 0.03, 5.0), brain=True),
        _new("infiltrating tumor", (1350, 1620), (135, 125), (115, 80), 0.87, 26, 0.015),
        _new("plaque", (1150, 1400), (135, 125), (112, 78), 0.86, 27, 0.01),
        _new("active plaque", (1150, 1400), (145, 135), (115, 80), 0.87, 27, 0.30),
        _new("acute infarct", (1180, 1420), (118, 112), (98, 70), 0.85, 22, 0.015),
        _new("chronic infarct", (2500, 2800), (420, 390), (280, 150), 0.95, 12, 0.0),
        _new("gliosis", (1250, 1500), (150, 140), (120, 85), 0.87, 24, 0.01),
        # hemorrhage: hours, days, one to two weeks, months (Bradley; CT: clot of 60 to 80 HU fades
        # by about 1.5 HU a day)
        _new("hyperacute blood", (1350, 1650), (130, 110), (70, 35), 0.85, 65),
        _new("acute blood", (1150, 1350), (45, 30), (16, 8), 0.82, 70),
        _new("subacute blood", (360, 450), (150, 130), (55, 28), 0.87, 45),
        _new("hemosiderin", (900, 1050), (28, 20), (8, 4), 0.75, 38),
    )
)

NAMES: tuple[str, ...] = tuple(TABLE)
"""Every tissue, in the order of its number."""

INDEX: dict[str, int] = {name: number for number, name in enumerate(NAMES)}
"""Number of every tissue; air is 0."""

BRAIN: tuple[bool, ...] = tuple(values.brain for values in TABLE.values())
"""By number: whether skull stripping leaves the tissue."""
