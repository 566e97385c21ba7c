"""CT scans of a phantom: CT numbers, partial volume, head rest, noise of the dose."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_scanner import Scanner
from SynthCore.physics.phantom.layers import Phantom
from SynthCore.physics.phantom.shapes import Field
from SynthCore.physics.slices import Slices, make_texture, sample
from SynthCore.physics.tissues import TISSUES

HEAD_SCANNER = Scanner(fluence=9.0e5, bowtie_radius_mm=110.0, bowtie_strength=0.6, views=180)
"""A head protocol, with several times the exposure of a body scan: about 3 HU of noise in 3 mm of
brain."""


def acquire_ct(
    phantom: Phantom,
    *,
    seed: int,
    slices: Slices | None = None,
    texture: Field | None = None,
) -> Image:
    """A full-dose CT series of the phantom on a head rest.

    Parameters
    ----------
    phantom : Phantom
        What lies in the scanner.
    seed : int
        Of the noise.
    slices : Slices, optional
        Matrix and thickness.
    texture : numpy.ndarray, optional
        From `make_texture`; made from the seed where not given.

    Returns
    -------
    Image
        int16, HU.
    """
    slices = slices or Slices()
    texture = make_texture(phantom, seed) if texture is None else texture
    values = {name: tissue.hu for name, tissue in TISSUES.items()}
    rough = {name: tissue.hu_texture for name, tissue in TISSUES.items() if tissue.hu_texture >= 3}
    fine = phantom.render(values, -1000.0, texture, rough)
    fine = ndimage.gaussian_filter(fine, (0, 0.5, 0.5))  # point spread of the standard kernel
    voxels, place = sample(fine, phantom, slices, -1000.0)
    _lay_on_head_rest(voxels, place)
    still = Image(voxels, place.affine, modality="CT", unit="HU", synthetic="PHANTOM")
    return add_dose_noise(still, 1.0, seed=seed, from_dose=math.inf)


def add_dose_noise(image: Image, dose: float, *, seed: int, from_dose: float = 1.0) -> Image:
    """The CT image at a fraction of the head protocol's dose; see `simulate_low_dose`."""
    stream = np.random.SeedSequence(seed, spawn_key=(103, round(1000 * dose)))
    noisy = simulate_low_dose(
        image.voxels, image.spacing[:2], dose, seed=int(stream.generate_state(1)[0]),
        slice_thickness_mm=image.spacing[2], scanner=HEAD_SCANNER, from_dose=from_dose,
    )  # fmt: skip
    return image.with_voxels(np.clip(np.rint(noisy), -1024, 3071).astype(np.int16))


def _lay_on_head_rest(voxels: Field, place: Image) -> None:
    """A carbon shell filled with foam under the head."""
    _, j, i = place.shape
    x0, y0, _ = place.origin
    x = x0 + np.arange(i) * place.spacing[0]
    y = y0 + np.arange(j) * place.spacing[1]
    radius = np.hypot(x[None, :], (y[:, None] - 4.0))
    trough = (np.abs(x[None, :]) < 88) & (y[:, None] > 45)
    shell = trough & (np.abs(radius - 121.0) < 1.2)
    foam = trough & (radius < 120.0) & (radius > 112.0)
    air = voxels < -990
    voxels[air & foam[None]] = -950.0
    voxels[air & shell[None]] = -180.0
