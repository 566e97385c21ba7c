"""MR scans of a phantom: signal, partial volume, coil shading, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.physics import mr_signal
from SynthCore.physics.phantom.layers import Phantom
from SynthCore.physics.phantom.noise import smooth_noise
from SynthCore.physics.phantom.shapes import Field
from SynthCore.physics.slices import Slices, make_texture, sample
from SynthCore.physics.tissues import TISSUES, Tissue


@dataclass(frozen=True)
class Sequence:
    """An MR sequence and its parameters (ms, degrees).

    Attributes
    ----------
    kind : str
        ``spin echo``, ``inversion recovery`` or ``mprage``.
    tr, te, ti, flip : float
        Repetition, echo and inversion time; flip angle. `ti` is 0 where there is no inversion.
    agent : bool
        Whether contrast agent has been given.
    snr : float
        White matter's signal over the noise of one channel.
    """

    kind: str
    tr: float
    te: float
    ti: float = 0.0
    flip: float = 90.0
    agent: bool = False
    snr: float = 45.0

    def signal(self, tissue: Tissue, field_index: int = 0) -> float:
        """Signal of a tissue with its sign; `field_index` is 0 for 1.5 T, 1 for 3 T."""
        t1, t2 = tissue.t1[field_index], tissue.t2[field_index]
        if self.agent:
            t1, t2 = (float(t) for t in mr_signal.ContrastAgent().shortened(t1, t2, tissue.agent))
        density, tr, te = tissue.density, self.tr, self.te
        if self.kind == "mprage":
            # tissues have no T2* here and decay with T2, which is little at such echo times
            value = mr_signal.mprage(t1, t2, density, tr=tr, te=te, ti=self.ti, flip=self.flip)
        elif self.kind == "inversion recovery":
            value = mr_signal.inversion_recovery(t1, t2, density, tr=tr, te=te, ti=self.ti)
        else:
            value = mr_signal.spin_echo(t1, t2, density, tr=tr, te=te)
        if tissue.name == "blood" and self.kind != "mprage":
            value = value * 0.05  # flowing blood leaves the slice between pulse and echo
        return float(value)


SEQUENCES: dict[str, Sequence] = {
    "T1": Sequence("mprage", tr=2000, te=3.4, ti=900, flip=9),
    "T1c": Sequence("mprage", tr=2000, te=3.4, ti=900, flip=9, agent=True),
    "T2": Sequence("spin echo", tr=4500, te=98, snr=40),
    "FLAIR": Sequence("inversion recovery", tr=9000, te=112, ti=2400, snr=32),
    "PD": Sequence("spin echo", tr=3000, te=14, snr=50),
}
"""A protocol for 1.5 T by role."""


def acquire_mr(
    phantom: Phantom,
    role: str,
    *,
    seed: int,
    slices: Slices | None = None,
    texture: Field | None = None,
) -> Image:
    """An MR series of the phantom: signal, partial volume, coil shading, Rician noise.

    Parameters
    ----------
    phantom : Phantom
        What lies in the scanner.
    role : str
        A key of `SEQUENCES`.
    seed : int
        Of noise and shading.
    slices : Slices, optional
        Matrix and thickness.
    texture : numpy.ndarray, optional
        From `make_texture`; made from the seed where not given.

    Returns
    -------
    Image
        int16, 1000 at the white matter of T1 (arbitrary units).
    """
    sequence, slices = SEQUENCES[role], slices or Slices()
    texture = make_texture(phantom, seed) if texture is None else texture
    random = np.random.default_rng(
        np.random.SeedSequence(seed, spawn_key=(102, list(SEQUENCES).index(role)))
    )
    values = {name: sequence.signal(tissue) for name, tissue in TISSUES.items()}
    white = abs(values["white matter"])
    rough = {
        name: tissue.texture * values[name] for name, tissue in TISSUES.items() if tissue.texture
    }
    fine = phantom.render(values, 0.0, texture, rough)
    fine = ndimage.gaussian_filter(fine, (0, 0.45, 0.45))  # the readout's point spread
    voxels, place = sample(fine, phantom, slices, 0.0)
    shape = voxels.shape
    shading = smooth_noise(
        shape, place.spacing[0], 110.0, random
    )  # anisotropic voxels: longer in k
    voxels *= np.exp(0.07 * shading)
    noisy = mr_signal.rician(np.abs(voxels), white / sequence.snr, random)
    scaled = np.clip(np.rint(noisy * (_scale(role) / white)), 0, 32767).astype(np.int16)
    return Image(scaled, place.affine, modality=role, synthetic="PHANTOM")


def _scale(role: str) -> float:
    """Stored value of white matter."""
    return {"T1": 1000.0, "T1c": 1000.0, "T2": 420.0, "FLAIR": 480.0, "PD": 900.0}[role]
