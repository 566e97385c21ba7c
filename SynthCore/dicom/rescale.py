"""Whether what is stored can be turned into values, and of which kind, by the headers alone."""

from __future__ import annotations

from SynthCore.dicom.frames import Frame
from SynthCore.dicom.headers import integer
from SynthCore.dicom.scan import Instance
from SynthCore.errors import InputError


def check_bits(instances: tuple[Instance, ...]) -> None:
    """Refuse pixels that do not end at their lowest bit: older standards allowed it.

    Raises
    ------
    InputError
        Naming the first file.
    """
    for instance in instances:
        stored = integer(instance.header, "BitsStored", 16)
        high = integer(instance.header, "HighBit", stored - 1)
        if high != stored - 1:
            raise InputError(
                f"{instance.path.name} keeps its {stored} bits under bit {high} (HighBit) instead "
                f"of {stored - 1}, which is not read; convert it with a current DICOM toolkit."
            )


def check_rescale(frames: tuple[Frame, ...], kind: str) -> tuple[str, ...]:
    """Refuse slices whose values are unknown; notes where they may not be CT numbers.

    In CT both attributes are required (PS3.3, C.8.2.1); in other images they may be absent, but
    not from some slices of a series alone.

    Parameters
    ----------
    frames : tuple of Frame
        Of one series.
    kind : str
        As `SynthCore.dicom.acquisition.kind_of` gives it.

    Raises
    ------
    InputError
        If one slice has no rescaling where CT or another slice has one, or their types differ.
    """
    told = [frame for frame in frames if not frame.looked_up]
    without = next((frame for frame in told if not frame.rescaled), None)
    if without is not None and (kind == "CT" or any(frame.rescaled for frame in told)):
        what = "CT numbers are" if kind == "CT" else "values are"
        raise InputError(
            f"{without.name} has no readable RescaleSlope and RescaleIntercept, so its {what} "
            "unknown; export the original series again."
        )
    types = {frame.rescale_type or "HU" for frame in told}
    if kind != "CT" or types <= {"HU"}:
        return ()
    if len(types) > 1:
        raise InputError(
            f"The slices of the series are of different RescaleType ({' and '.join(sorted(types))})"
            "; they are not one image: split the series."
        )
    return (f"RescaleType is {types.pop()}, not HU; the numbers may not be HU.",)
