"""Acquire images of a phantom: MR sequences and CT on the slices of one scan."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from SynthCore.image import Image, make_affine
from SynthCore.physics import mr_signal
from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_scanner import Scanner
from SynthCore.physics.phantom.canvas import Phantom
from SynthCore.physics.phantom.noise import smooth_noise
from SynthCore.physics.phantom.shapes import Field
from SynthCore.physics.tissues import LABELS, TISSUES, Tissue

HEAD_SCANNER = Scanner(fluence=9.0e5, bowtie_radius_mm=110.0, bowtie_strength=0.6, views=240)
"""A head protocol, with several times the exposure of a body scan: about 4 HU of noise in 3 mm of
brain."""


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


@dataclass(frozen=True)
class Slices:
    """The slices of a scan: matrix, pixel size, thickness, number; centered on the phantom in x, a.

    Attributes
    ----------
    matrix : int
        Rows and columns; pixels are as large as the phantom's voxels.
    voxels : int
        Phantom voxels that make up one slice.
    """

    matrix: int = 256
    voxels: int = 3


def sample(volume: Field, phantom: Phantom, slices: Slices, fill: float) -> tuple[Field, Image]:
    """Average a fine volume over slices and set it into the matrix.

    Returns
    -------
    tuple
        The voxels ``(k, j, i)``, float32, and an empty image that carries their place.
    """
    grid = phantom.grid
    count = grid.shape[0] // slices.voxels
    thick = volume[: count * slices.voxels]
    thick = thick.reshape(count, slices.voxels, *grid.shape[1:]).mean(axis=1)
    rows, columns = grid.shape[1:]
    top, left = (slices.matrix - rows) // 2, (slices.matrix - columns) // 2
    result = np.full((count, slices.matrix, slices.matrix), fill, dtype=np.float32)
    result[:, top : top + rows, left : left + columns] = thick
    step = grid.spacing_mm
    x, a, z = grid.origin
    origin = (x - left * step, -a - top * step, z + (slices.voxels - 1) * step / 2)
    affine = make_affine((step, step, slices.voxels * step), origin)
    return result, Image(np.zeros((count, slices.matrix, slices.matrix), dtype=np.uint8), affine)


def textures(phantom: Phantom, seed: int) -> tuple[Field, Field]:
    """Two random fields over the phantom, fine (2.5 mm) and coarse (9 mm), that tissues share."""
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(101,)))
    shape, spacing = phantom.grid.shape, phantom.grid.spacing_mm
    return smooth_noise(shape, spacing, 2.5, random), smooth_noise(shape, spacing, 9.0, random)


def acquire_mr(
    phantom: Phantom,
    role: str,
    *,
    seed: int,
    slices: Slices | None = None,
    texture: tuple[Field, Field] | None = None,
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
    texture : tuple of numpy.ndarray, optional
        From `textures`; made from the seed where not given.

    Returns
    -------
    Image
        int16, 1000 at the white matter of T1 (arbitrary units).
    """
    sequence, slices = SEQUENCES[role], slices or Slices()
    texture = texture or textures(phantom, seed)
    random = np.random.default_rng(
        np.random.SeedSequence(seed, spawn_key=(102, list(SEQUENCES).index(role)))
    )
    values = {name: sequence.signal(tissue) for name, tissue in TISSUES.items()}
    white = abs(values["white matter"])
    mixed = 0.7 * texture[0] + 0.7 * texture[1]
    added = {
        name: np.float32(tissue.texture * values[name]) * mixed
        for name, tissue in TISSUES.items()
        if tissue.texture >= 0.02
    }
    fine = phantom.render(values, 0.0, added)
    fine = ndimage.gaussian_filter(fine, (0, 0.45, 0.45))  # the readout's point spread
    voxels, place = sample(fine, phantom, slices, 0.0)
    shape = voxels.shape
    shading = smooth_noise(
        shape, place.spacing[0], 110.0, random
    )  # anisotropic voxels: longer in k
    voxels *= np.exp(0.07 * shading)
    noisy = mr_signal.rician(np.abs(voxels), white / sequence.snr, random)
    scaled = np.clip(np.rint(noisy * (_scale(role) / white)), 0, 32767).astype(np.int16)
    return Image(scaled, place.affine, modality=role)


def _scale(role: str) -> float:
    """Stored value of white matter."""
    return {"T1": 1000.0, "T1c": 1000.0, "T2": 420.0, "FLAIR": 480.0, "PD": 900.0}[role]


def acquire_ct(
    phantom: Phantom,
    *,
    seed: int,
    slices: Slices | None = None,
    texture: tuple[Field, Field] | None = None,
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
    texture : tuple of numpy.ndarray, optional
        From `textures`; made from the seed where not given.

    Returns
    -------
    Image
        int16, HU.
    """
    slices = slices or Slices()
    texture = texture or textures(phantom, seed)
    mixed = 0.7 * texture[0] + 0.7 * texture[1]
    values = {name: tissue.hu for name, tissue in TISSUES.items()}
    added = {
        name: np.float32(tissue.hu_texture) * mixed
        for name, tissue in TISSUES.items()
        if tissue.hu_texture >= 3
    }
    fine = phantom.render(values, -1000.0, added)
    fine = ndimage.gaussian_filter(fine, (0, 0.5, 0.5))  # point spread of the standard kernel
    voxels, place = sample(fine, phantom, slices, -1000.0)
    _lay_on_head_rest(voxels, place)
    still = Image(voxels, place.affine, modality="CT", unit="HU")
    return add_dose_noise(still, 1.0, seed=seed, from_dose=math.inf)


def add_dose_noise(image: Image, dose: float, *, seed: int, from_dose: float = 1.0) -> Image:
    """The CT image at a fraction of the head protocol's dose; see `simulate_low_dose`."""
    stream = np.random.SeedSequence(seed, spawn_key=(103, round(1000 * dose)))
    noisy = simulate_low_dose(
        image.voxels, image.spacing[:2], dose, seed=int(stream.generate_state(1)[0]),
        slice_thickness_mm=image.spacing[2], scanner=HEAD_SCANNER, from_dose=from_dose,
    )  # fmt: skip
    return image.with_voxels(np.clip(np.rint(noisy), -1024, 3071).astype(np.int16))


def label_image(phantom: Phantom, slices: Slices | None = None) -> Image:
    """The tissue (`SynthCore.physics.tissues.LABELS`) in the middle of every slice."""
    slices = slices or Slices()
    labels = phantom.labels(LABELS).voxels
    middle = np.repeat(labels[slices.voxels // 2 :: slices.voxels], slices.voxels, axis=0)
    count = labels.shape[0] // slices.voxels * slices.voxels
    voxels, place = sample(middle[:count], phantom, slices, 0)
    return place.with_voxels(voxels.astype(np.uint8))


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
