"""Choose one series of a folder: the one asked for or the only one that fits, else a refusal."""

from __future__ import annotations

from SynthCore.dicom.checks import patients
from SynthCore.dicom.series import SeriesInfo
from SynthCore.errors import InputError

KINDS = {"CT": ("CT",), "CBCT": ("CT", "XA3D"), "PET": ("PT",), "XR": ("XR",)}
"""Kinds of object (`kind_of`) each role can come from; every MR role comes from MR alone."""

_LISTED = 12


def choose_series(
    series: tuple[SeriesInfo, ...], where: str, role: str | None, wanted: str | None
) -> tuple[SeriesInfo, str]:
    """The one series meant, and a note where it was chosen among several.

    Parameters
    ----------
    series : tuple of SeriesInfo
        As `series_of` gives them.
    where : str
        The folder as a message names it.
    role : str or None
        The role it is to play.
    wanted : str or None
        SeriesInstanceUID, or number in the list.

    Raises
    ------
    InputError
        If none fits, or more than one does; the message lists them.
    """
    if wanted is not None:
        return _wanted(series, where, wanted), ""
    candidates = [one for one in series if one.kind and one.images and not one.localizer]
    if not candidates:
        held = ", ".join(sorted({one.modality or "unknown" for one in series}))
        raise InputError(
            f"{where} holds no series of CT, MR or PET images (only {held}); "
            "give the folder of an image series."
        )
    headers = [one.header for entry in series for one in entry.instances[:1]]
    if patients(headers) > 1:
        raise InputError(
            f"{where} holds images of more than one patient: {_listed(candidates)}; "
            f"give the folder of one patient, or choose a series as {where}#NUMBER."
        )
    kinds = KINDS.get(role, ("MR",)) if role else ()
    fitting = [one for one in candidates if not role or one.kind in kinds]
    # an acquired image comes before one that was synthesized from it
    fitting = [one for one in fitting if not one.synthetic] or fitting
    if not fitting and len(candidates) == 1:
        fitting = candidates  # the person's word wins; the reader notes the contradiction
    if len(fitting) == 1:
        return fitting[0], ""
    if not fitting:
        raise InputError(
            f"{where} holds no series that could be {role}: {_listed(candidates)}; "
            f"choose one as {where}#NUMBER to read it as {role} nevertheless."
        )
    matching = [one for one in fitting if role and one.role == role]
    if len(matching) == 1:
        chosen = matching[0]
        return chosen, (
            f"Chosen among {len(fitting)} series as the only one that suggests {role}: "
            f"{chosen.suggestion.reason}."
        )
    meant = f" that could be {role}" if role else ""
    raise InputError(
        f"{where} holds {len(fitting)} image series{meant}: {_listed(fitting)}; "
        f"choose one as {where}#NUMBER or by its SeriesInstanceUID."
    )


def _wanted(series: tuple[SeriesInfo, ...], where: str, wanted: str) -> SeriesInfo:
    for one in series:
        if wanted in (one.uid, str(one.number)):
            return one
    raise InputError(
        f"{where} holds no series {wanted}; it holds {_listed(list(series)) or 'none'}."
    )


def _listed(series: list[SeriesInfo]) -> str:
    lines = [one.line() for one in series[:_LISTED]]
    if len(series) > _LISTED:
        lines.append(f"and {len(series) - _LISTED} more")
    return ", ".join(lines)
