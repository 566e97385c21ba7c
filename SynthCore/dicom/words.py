"""The words of series descriptions, and what each of them says about the role.

Matched on lower-case text with separators (``_ - . / ( ) [ ] ,``) as spaces, so that
``t1_mpr_tra`` and ``AX T1 MPRAGE`` read alike. Reasons quote only the word found, never the
description, which may hold a name.
"""

from __future__ import annotations

import re

_EXCLUDED: tuple[tuple[str, str], ...] = (
    (
        r"loc|localizer|localiser|scout|survey|topogram|scanogram|surview|3 ?plane|smartbrain",
        "a localizer",
    ),
    (r"e?adc", "an apparent diffusion coefficient map"),
    (r"dwi|dti|diff|diffusion|trace|tracew|tensor|fa map|b\d{3,4}", "a diffusion image"),
    (r"swi|swan|venobold|susceptibility|qsm|minip", "susceptibility weighted"),
    (r"t2star|t2 ?\*|hemo|heme|gre t2", "T2* weighted"),
    (r"stir", "a STIR image, which no role stands for"),
    (r"tof|mra|angio|mrv|venogram|venography|pca|phase contrast", "an angiogram"),
    (r"mip|projection", "a projection"),
    (r"perf|perfusion|pwi|dsc|dce|cbf|cbv|mtt|tmax|ttp|asl|ktrans", "a perfusion image"),
    (r"bold|fmri|rest|resting", "a functional image"),
    (
        r"field ?map|b0 ?map|b1 ?map|fieldmapping|calibration|calib|asset cal|sense ref"
        r"|ref scan|shim",
        "a calibration scan",
    ),
    (r"svs|csi|mrs|spectro|spectroscopy|press|mrsi", "spectroscopy"),
    (r"t1 ?map|t2 ?map|mapping|molli|r2 ?map|mt ?ratio|mtr", "a parameter map"),
    (r"sub(?! ?[0-9])|subtraction|subtracted", "a subtraction"),
    (r"cine|truefisp cine|tagging", "a moving image"),
    (
        r"ciss|fiesta|fiesta c|bffe|balanced|trufi|truefisp|drive 3d",
        "a balanced sequence, neither T1 nor T2",
    ),
    (r"dose report|patient protocol|screen ?save|summary|results?", "a report or screen copy"),
)

_WEIGHTING: tuple[tuple[str, str], ...] = (
    (r"flair|tirm dark fluid|dark fluid|darkfluid|da fl|t2f", "FLAIR"),
    (r"dir|double inversion( recovery)?", "DIR"),
    (
        r"t1|t1wi?|t1 ?weighted|t1c|t1ce|t1gd|t1post|t1km|mprage|mp ?rage|mp2rage|bravo|f?spgr"
        r"|ir ?spgr|vibe|lava|thrive|t1tfe|3d tfe|flash|fl2d|fl3d|t1 ?ffe|t1wtse|t1se",
        "T1",
    ),
    (r"t2|t2w|t2wi?|t2 ?weighted|t2wtse|t2tse|t2fse|frfse|haste|ssfse", "T2"),
    (r"pd|pdw|pd ?weighted|proton density|protondensity|dp", "PD"),
)

_CONTRAST = re.compile(
    r"\+ ?c\b|\bc ?\+|\+ ?gd\b|\+ ?gad|\+ ?km\b"
    r"|\b(?:gd|gad|gado|gadolinium|gadavist|gadovist|dotarem|magnevist"
    r"|multihance|prohance|contrast|post ?contrast|post ?gd|post ?gad|post(?! ?op)|ce|enhanced"
    r"|km|c ?plus|with c|t1c|t1ce|t1gd|t1post|t1km)\b"
)
_NO_CONTRAST = re.compile(
    r"\b(?:pre|pre ?contrast|pre ?gd|native?|nativ|without|w ?o|non ?contrast|no contrast|nc"
    r"|unenhanced|plain|c ?minus|pre ?gad|ohne|vor|frei|sans|avant|before|prior to|zonder|voor|sin"
    r"|senza|antes)\b|\b(?:without|w ?o|no|non|pre) (?:contrast|gd|gad)\b"
)
_MINUS = re.compile(r"(?:^|[ _/(,])-(?:gd|gad|km|c)\b(?! ?\+)|\b(?:gd|gad|km|ce|c)-(?=$|[ _/),])")
"""A sign before or after an agent, in a description that still has its hyphens."""
_PLANNING = re.compile(
    r"\b(?:gk|gamma ?knife|stealth|brainlab|stereotactic|cyberknife|navigation)\b"
)
_DIXON = re.compile(
    r"\b(?:opp|out ?phase|opposed(?: phase)?|fat(?! ?(?:sat|sup))|f only|fatonly)\b"
)

_CONE_BEAM = re.compile(
    r"\b(?:cbct|cone ?beam|conebeam|obi|on ?board imag(?:er|ing)|xvi|kvcbct|kv cbct|hypersight"
    r"|truebeam|halcyon|ethos|dynact|xper ?ct|newtom|i ?cat|promax|accuitomo|orthophos|galileos"
    r"|cs ?9[36]00|veraviewepocs|cone(?! ?down))\b"
)
_LINAC = re.compile(r"\b(?:varian|elekta|vmat|linac|mvct|tomotherapy|hi ?art|radixact)\b")
_NOT_HU = re.compile(
    r"\b(?:iodine|zeff|z eff|effective z|rho|electron density|vnc|virtual non ?contrast|monoe?"
    r"|\d+ ?kev|overlay map|perfusion|cbf|cbv|mtt|tmax|ttp)\b"
)
_PROJECTION = re.compile(r"\b(?:mip|minip|vrt|vr|3d render|volume render(?:ing)?|ssd)\b")


def plain(line: str) -> str:
    """`line` with separators as spaces, the plus and star kept: they carry meaning."""
    line = _MINUS.sub(" c minus ", line.lower())
    line = re.sub(r"[_\-./()\[\],:;=]+", " ", line)
    return re.sub(r"\s+", " ", line).strip()


def excluded(line: str) -> tuple[str, str] | None:
    """The first word that says the series plays no role, and what it is instead."""
    return next(
        (
            (found.group(0), meaning)
            for pattern, meaning in _EXCLUDED
            if (found := re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", line))
        ),
        None,
    )


def weightings(line: str) -> dict[str, str]:
    """Role (T1, T2, FLAIR, PD, DIR) to the word that names it."""
    found: dict[str, str] = {}
    for pattern, role in _WEIGHTING:
        match = re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9*])", line)
        if match:
            found[role] = match.group(0)
    if "FLAIR" in found:
        found.pop("T2", None)  # "T2 FLAIR" is a FLAIR
    return found


def _word(pattern: re.Pattern[str], line: str) -> str:
    found = pattern.search(line)
    return found.group(0).strip() if found else ""


def no_contrast(line: str) -> str:
    """The word that says no agent was given, empty where there is none."""
    return _word(_NO_CONTRAST, line)


def contrast(line: str) -> str:
    """The word that says an agent was given, empty where there is none (or the contrary)."""
    return "" if no_contrast(line) else _word(_CONTRAST, line)


def planning(line: str) -> str:
    """The word of a planning or navigation scan, which is usually made with an agent."""
    return _word(_PLANNING, line)


def dixon(line: str) -> str:
    """The word of a Dixon part that does not look like its weighting (opposed phase, fat)."""
    return _word(_DIXON, line)


def cone_beam(line: str) -> str:
    """The word that names a cone-beam scanner."""
    return _word(_CONE_BEAM, line)


def linac(line: str) -> str:
    """The word that names a maker of treatment machines."""
    return _word(_LINAC, line)


def not_hu(line: str) -> str:
    """The word that says the numbers are no plain HU."""
    return _word(_NOT_HU, line)


def projection(line: str) -> str:
    """The word that says the pixels are projected or rendered."""
    return _word(_PROJECTION, line)
