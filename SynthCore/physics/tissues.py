"""What tissues of the head look like to MR and CT, from published measurements.

T1, T2 (ms, at 1.5 T and 3 T), proton density (share of water's), CT number (HU) and the
concentration of contrast agent (mmol/l) some minutes after a normal dose. Values are rounded; where
sources differ, the one is taken that measured both fields.

Sources
-------
Wright
    Wright et al., MAGMA 2008;21:121: T1 of the cortex, white matter, caudate and putamen at 1.5 T
    and 3 T by one method. Of the cortex at 3 T it has 1607 ms and Wansapura et al., J Magn Reson
    Imaging 1999;9:531, 1331 ms: a value between is taken that gives gray over white matter as in
    real studies, 0.69 to 0.84 in T1 and 0.98 to 1.17 in FLAIR (``synthcore bench contrasts``).
Rooney
    Rooney et al., Magn Reson Med 2007;57:308: T1 of CSF, and how T1 of tissue grows with the field
    (its 0.38th power in white and inner gray matter), by which deep nuclei go from 1.5 T to 3 T
    where no one measured both; iron makes them grow less.
Stanisz
    Stanisz et al., Magn Reson Med 2005;54:507: T1 and T2 of muscle, blood, optic nerve and cord,
    T2 of white and gray matter, at 1.5 T and 3 T.
Gold
    Gold et al., AJR 2004;183:343: cartilage and T1 of fat at 1.5 T and 3 T. T2 of fat
    depends on the echo train (41 to 165 ms; Pai et al., Magn Reson Imaging 2008;26:1215); a middle
    value is taken.
Bazelaire
    de Bazelaire et al., Radiology 2004;230:652: bone marrow at 1.5 T and 3 T.
Patz
    Patz et al., J Magn Reson Imaging 2007;26:510: the eye at 1.5 T.
Whittall
    Whittall et al., Magn Reson Med 1997;37:34: water content of white and gray matter.
Just
    Just and Thelen, Radiology 1988;169:779: brain tumors and edema at 1.5 T. The agent shortens
    T1 of the enhancing rim by about 0.8 s at 3 T (Noeth et al., NMR Biomed 2020;33:e4242).
Hofer
    Hofer, CT Teaching Manual, Thieme 2007; Buzug, Computed Tomography, Springer 2008: CT numbers
    of soft tissues. Bone by density as in Schneider et al., Phys Med Biol 1996;41:111.
Rohrer
    Rohrer et al., Invest Radiol 2005;40:715: relaxivity of gadobutrol in plasma.
Estimate
    Chosen between neighbors of the same kind; no source known that measured it in that form.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tissue:
    """One tissue; see the module for units and sources.

    Attributes
    ----------
    name : str
        As in a phantom's layers.
    t1 : tuple of float
        ms at 1.5 T and 3 T.
    t2 : tuple of float
        ms at 1.5 T and 3 T.
    density : float
        Protons that give signal, water = 1.
    hu : float
        CT number.
    agent : float
        mmol/l of contrast agent after the dose.
    texture : float
        Relative standard deviation of the MR signal inside the tissue; for CT see `hu_texture`.
    hu_texture : float
        Standard deviation of the CT number inside the tissue, HU.
    source : str
        Keys of the module's list: relaxation; density; CT number.
    """

    name: str
    t1: tuple[float, float]
    t2: tuple[float, float]
    density: float
    hu: float
    agent: float = 0.0
    texture: float = 0.02
    hu_texture: float = 2.0
    source: str = "Estimate"


_TABLE = (
    Tissue("air", (1000, 1000), (1, 1), 0.0, -1000, 0, 0, 0, "no signal"),
    Tissue("skin", (870, 1000), (30, 28), 0.65, 45, 0.05, 0.05, 10, "Estimate; Hofer"),
    Tissue("fat", (288, 371), (110, 95), 0.80, -100, 0, 0.05, 6, "Gold; Hofer"),
    Tissue("muscle", (1008, 1412), (44, 50), 0.79, 55, 0.06, 0.08, 5, "Stanisz; Hofer"),
    Tissue("fibrous", (900, 1100), (12, 10), 0.55, 75, 0.05, 0.05, 6, "Estimate; Hofer"),
    Tissue("gland", (650, 800), (85, 80), 0.80, 15, 0.15, 0.12, 12, "Estimate; Hofer"),
    Tissue("mucosa", (1150, 1400), (130, 120), 0.88, 40, 0.25, 0.08, 6, "Estimate; Hofer"),
    Tissue("cartilage", (1060, 1240), (42, 37), 0.70, 95, 0, 0.04, 8, "Gold; Hofer"),
    Tissue("compact bone", (250, 250), (0.4, 0.4), 0.15, 1450, 0, 0, 60, "Estimate; Hofer"),
    Tissue("petrous bone", (250, 250), (0.4, 0.4), 0.12, 1850, 0, 0, 80, "Estimate; Hofer"),
    Tissue("diploe", (330, 400), (70, 60), 0.62, 520, 0.02, 0.13, 90, "Gold, Estimate; Hofer"),
    Tissue("marrow", (549, 586), (49, 49), 0.70, 260, 0.03, 0.10, 45, "Bazelaire; Hofer"),
    Tissue("enamel", (250, 250), (0.1, 0.1), 0.02, 2750, 0, 0, 60, "Estimate; Hofer"),
    Tissue("dentin", (250, 250), (0.3, 0.3), 0.08, 1650, 0, 0, 60, "Estimate; Hofer"),
    Tissue("dura", (900, 1100), (40, 38), 0.55, 65, 0.22, 0.03, 4, "Estimate; Hofer"),
    Tissue("csf", (4070, 4160), (2000, 1800), 1.00, 6, 0, 0.01, 1, "Rooney; Hofer"),
    Tissue("gray matter", (1197, 1450), (95, 99), 0.82, 39, 0.015, 0.02, 1,
           "Wright, Wansapura, Stanisz; Whittall; Hofer"),
    Tissue("white matter", (646, 838), (72, 69), 0.70, 30, 0.008, 0.012, 1,
           "Wright, Stanisz; Whittall; Hofer"),
    Tissue("caudate", (1109, 1395), (89, 80), 0.81, 39, 0.015, 0.015, 1, "Wright, Estimate; Hofer"),
    Tissue("putamen", (1084, 1332), (82, 70), 0.80, 39, 0.015, 0.015, 1, "Wright, Estimate; Hofer"),
    Tissue("pallidum", (780, 950), (66, 52), 0.75, 41, 0.015, 0.015, 2, "Rooney, Estimate; Hofer"),
    Tissue("thalamus", (920, 1150), (84, 76), 0.78, 37, 0.015, 0.02, 1, "Rooney, Estimate; Hofer"),
    Tissue("brainstem", (740, 960), (78, 74), 0.74, 31, 0.01, 0.02, 1, "Stanisz, Estimate; Hofer"),
    Tissue("red nucleus", (800, 950), (62, 50), 0.75, 36, 0.01, 0.01, 1, "Estimate; Hofer"),
    Tissue("spinal cord", (745, 993), (74, 78), 0.74, 35, 0.01, 0.03, 2, "Stanisz; Hofer"),
    Tissue("optic nerve", (815, 1083), (77, 78), 0.75, 33, 0.01, 0.02, 2, "Stanisz; Hofer"),
    Tissue("pituitary", (950, 1150), (85, 80), 0.82, 45, 0.45, 0.03, 2, "Estimate; Hofer"),
    Tissue("choroid plexus", (1150, 1400), (150, 140), 0.88, 55, 0.40, 0.06, 8, "Estimate; Hofer"),
    Tissue("calcification", (500, 600), (8, 6), 0.20, 260, 0, 0.05, 60, "Estimate; Hofer"),
    Tissue("blood", (1441, 1932), (290, 275), 0.85, 48, 0.60, 0.01, 2, "Stanisz; Hofer"),
    Tissue("vitreous", (4000, 4200), (600, 550), 0.98, 8, 0, 0.005, 1, "Patz, Estimate; Hofer"),
    Tissue("lens", (1100, 1300), (35, 30), 0.68, 85, 0, 0.02, 3, "Patz, Estimate; Hofer"),
    Tissue("eye wall", (1510, 1700), (60, 55), 0.75, 50, 0.15, 0.02, 3, "Patz; Hofer"),
    Tissue("disc", (1100, 1300), (85, 80), 0.75, 85, 0.02, 0.05, 8, "Estimate; Hofer"),
    Tissue("edema", (1150, 1400), (145, 135), 0.85, 21, 0.02, 0.03, 1, "Just, Estimate; Hofer"),
    Tissue("tumor", (1300, 1550), (118, 110), 0.86, 40, 0.36, 0.08, 3, "Just, Estimate; Hofer"),
    Tissue("necrosis", (2200, 2500), (320, 300), 0.94, 17, 0.02, 0.04, 2, "Just, Estimate; Hofer"),
)  # fmt: skip

TISSUES: dict[str, Tissue] = {tissue.name: tissue for tissue in _TABLE}
"""Every tissue by name."""

LABELS: dict[str, int] = {tissue.name: number for number, tissue in enumerate(_TABLE)}
"""Number of every tissue in a phantom's label map; air is 0."""
