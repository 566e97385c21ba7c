"""What was drawn, in words: a person, a scan, a CT."""

from __future__ import annotations

from SynthCore.physics.generator.ct_look import CtLook
from SynthCore.physics.generator.person import Person
from SynthCore.physics.generator.scan import Scan


def describe(person: Person) -> str:
    """Field strength and kinds of lesion."""
    kinds = sorted({lesion.kind for lesion in person.lesions})
    return f"{person.field_t:g} T, {', '.join(kinds) if kinds else 'healthy'}"


def scan_lines(scan: Scan) -> tuple[str, ...]:
    """Sequence, times (ms), resolution, noise and what disturbs it, a line each."""
    sequence = scan.sequence
    times = f"TR {sequence.tr:.0f}, TE {sequence.te:.0f}"
    if sequence.ti:
        times += f", TI {sequence.ti:.0f}"
    if sequence.ti2:
        times += f"/{sequence.ti2:.0f}"
    if sequence.flip != 90:
        times += f", {sequence.flip:.0f}°"
    lines = [f"{scan.role}: {sequence.name}", times]
    if scan.resolution is not None:
        first, second = scan.resolution.pixel
        lines.append(f"{scan.resolution.thickness:.1f} mm slices, {first:.1f} x {second:.1f} mm")
    if scan.noise is not None:
        lines.append(f"SNR {scan.noise.snr:.0f}, {scan.noise.coils} coil(s)")
    also = [name for name in ("motion", "ghosts") if getattr(scan, name) is not None]
    if also:
        lines.append(", ".join(also))
    return tuple(lines)


def ct_lines(look: CtLook) -> tuple[str, ...]:
    """Kernel with slice thickness, and noise."""
    return (
        f"{look.kernel} kernel, {look.resolution.thickness:.1f} mm",
        f"noise {look.noise_hu:.0f} HU",
    )
