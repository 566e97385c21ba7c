"""Suggest the role of a series (T1, T1c, T2, FLAIR, PD, DIR, CT, CBCT, PET, XR) from its header.

Words (series description, protocol) and numbers (TR, TE, TI, sequence) are judged apart. Only
where both agree is the suggestion certain; where they contradict each other the reason says
so. A suggestion is never more than that: the person decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from SynthCore.dicom import words
from SynthCore.dicom.acquisition import Acquisition, acquisition
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import Header
from SynthCore.dicom.weighting import Numbers, weighting_by_numbers


@dataclass(frozen=True)
class Suggestion:
    """The role a series seems to play.

    Attributes
    ----------
    role : str or None
        A role of the catalogue, None where the series plays none or it cannot be told.
    reason : str
        One clause for a person; it quotes no free text of the header.
    certain : bool
        Whether words and numbers agree and nothing speaks against it.
    """

    role: str | None
    reason: str
    certain: bool


@quiet()
def suggest_role(header: Header) -> Suggestion:
    """The role suggested by one header (pydicom data set; classic or enhanced multi-frame).

    Parameters
    ----------
    header : pydicom.Dataset
        Of any instance of the series; pixels are not needed.

    Returns
    -------
    Suggestion
        For synthetic objects (SyntheticData YES) never certain.
    """
    acquired = acquisition(header)
    if "LOCALIZER" in acquired.image_type:
        return Suggestion(None, "ImageType says it is a localizer", True)
    suggestion = _BY_KIND.get(acquired.kind, _no_image)(acquired)
    if acquired.synthetic:
        return Suggestion(
            suggestion.role, f"marked as synthetic; otherwise {suggestion.reason}", False
        )
    return suggestion


def _no_image(_: Acquisition) -> Suggestion:
    return Suggestion(None, "not a CT, MR, PET or X-ray image", True)


def _xr(_: Acquisition) -> Suggestion:
    return Suggestion("XR", "a projection X-ray image", True)


def _pet(acquired: Acquisition) -> Suggestion:
    if acquired.corrections and "ATTN" not in acquired.corrections:
        return Suggestion("PET", "a PET image without attenuation correction", False)
    return Suggestion("PET", "a PET image", True)


def _angiography_3d(_: Acquisition) -> Suggestion:
    return Suggestion("CBCT", "a volume of a rotating C-arm", False)


def _ct(acquired: Acquisition) -> Suggestion:
    line = words.plain(f"{acquired.description} {acquired.protocol}")
    described = words.plain(acquired.description)
    everywhere = f"{line} {words.plain(acquired.maker)}"
    if word := words.projection(described):
        return Suggestion(None, f"the description says {word}: projected or rendered", True)
    if word := words.cone_beam(everywhere):
        return Suggestion("CBCT", f"a CT object of a cone-beam scanner ({word})", True)
    if word := words.not_hu(described):
        return Suggestion("CT", f"a CT object, but {word} may not be plain HU", False)
    if word := words.linac(everywhere):
        return Suggestion(
            "CBCT", f"a CT object of a treatment machine's maker ({word}); it may be either", False
        )
    return Suggestion("CT", "a CT image", True)


def _mr(acquired: Acquisition) -> Suggestion:
    line = words.plain(acquired.description)
    if not words.weightings(line) and not words.excluded(line):
        line = words.plain(acquired.protocol)
    if found := words.excluded(line):
        return Suggestion(None, f"the description says {found[0]}: {found[1]}", True)
    derived = {"ADC", "FA", "TRACEW", "DIFFUSION", "PHASE MAP", "P", "PROJECTION IMAGE", "MPR"}
    if kinds := derived.intersection(acquired.image_type[2:]):
        return Suggestion(None, f"ImageType says {sorted(kinds)[0]}: not a weighted image", True)
    by_words = words.weightings(line)
    by_numbers = weighting_by_numbers(acquired)
    if by_numbers.excluded:
        return Suggestion(None, f"{by_numbers.figures}: {by_numbers.excluded}", True)
    role, reason, certain = _agree(by_words, by_numbers)
    if word := words.dixon(line):
        reason, certain = f"{reason}; the description says {word}", False
    if parts := _PARTS.intersection(acquired.image_type[2:]):
        reason, certain = f"{reason}; ImageType says {sorted(parts)[0]}", False
    if role != "T1":
        return Suggestion(role, reason, certain)
    return _agent(acquired, line, reason, certain)


_PARTS = frozenset(
    "FAT F OPP_PHASE OP R R_FFE R_IR R_SE I I_FFE REAL IMAGINARY".split()  # noqa: SIM905
)
"""ImageType of images that are a part of what was acquired: fat, opposed phase, real part."""


def _agree(by_words: dict[str, str], by_numbers: Numbers) -> tuple[str | None, str, bool]:
    named, measured = set(by_words), by_numbers.roles
    said = " and ".join(by_words[role] for role in sorted(by_words))
    if not named and not measured:
        hint = f"{by_numbers.figures} fit no role" if by_numbers.figures else "no words, no numbers"
        return None, f"neither words nor numbers tell the weighting ({hint})", False
    if not named:
        if len(measured) > 1:
            return None, f"{by_numbers.figures} fit {_either(measured)}", False
        return next(iter(measured)), f"by numbers alone ({by_numbers.figures})", False
    if not measured:
        if len(named) > 1:
            return None, f"the description says {said}, and no numbers decide", False
        role = next(iter(named))
        hint = f"; {by_numbers.figures} decide nothing" if by_numbers.figures else ""
        return role, f"by words alone ({said}{hint})", False
    both = named & measured
    if len(both) == 1:
        return next(iter(both)), f"words ({said}) and numbers ({by_numbers.figures}) agree", True
    if both:
        return None, f"the description says {said}, and {by_numbers.figures} fit both", False
    role_by_numbers = next(iter(measured)) if len(measured) == 1 else None
    return (
        role_by_numbers,
        f"the description says {said}, but {by_numbers.figures} speak for {_either(measured)}",
        False,
    )


def _agent(acquired: Acquisition, line: str, reason: str, certain: bool) -> Suggestion:
    word, denied = words.contrast(line), words.no_contrast(line)
    if acquired.contrast and denied:
        said = f"a contrast agent is named, but the description says {denied}"
        return Suggestion("T1c", f"{reason}; {said}", False)
    if acquired.contrast:
        return Suggestion("T1c", f"{reason}; a contrast agent is named", certain)
    if word:
        return Suggestion("T1c", f"{reason}; the description says {word}", certain)
    if denied:
        return Suggestion("T1", f"{reason}; the description says {denied}", certain)
    planned = words.planning(line) or words.planning(words.plain(acquired.step))
    if planned:
        said = f"no contrast agent is named, but {planned} scans are usually made with one"
        return Suggestion("T1", f"{reason}; {said}", False)
    return Suggestion("T1", f"{reason}; no contrast agent is named", certain)


def _either(roles: frozenset[str]) -> str:
    return " or ".join(sorted(roles))


_BY_KIND = {"MR": _mr, "CT": _ct, "PT": _pet, "XR": _xr, "XA3D": _angiography_3d}
