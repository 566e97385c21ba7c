"""The picture of a denoising benchmark: images, differences and noise power spectra."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from SynthCore.image import Image
from SynthCore.quality.noise_power import noise_power, uniform_soft_tissue

WINDOW = (-150, 250)
DIFFERENCE = 60


def draw(pictures: Mapping[tuple[float, str], Image], full: Image, path: Path) -> None:
    """One row a dose: images in an abdomen window, differences to full dose, and the NPS.

    Parameters
    ----------
    pictures : mapping
        Images by dose and name, full dose among them.
    full : Image
        The reference.
    path : Path
        Of the PNG.
    """
    k = full.shape[0] // 2
    names = [name for name in dict.fromkeys(n for _, n in pictures) if name != "full dose"]
    doses = sorted({dose for dose, _ in pictures if dose < 1}, reverse=True)
    columns = 1 + 2 * len(names)
    figure = Figure(figsize=(3.2 * columns, 3.2 * len(doses) + 3.6), layout="constrained")
    grid = figure.add_gridspec(len(doses) + 1, columns)
    for row, dose in enumerate(doses):
        shown = [("full dose", full.voxels[k], WINDOW, "gray")]
        for name in names:
            image = pictures[dose, name].voxels[k]
            shown.append((f"{name}, dose {dose:g}", image, WINDOW, "gray"))
            error = image - full.voxels[k]
            shown.append(("minus full dose", error, (-DIFFERENCE, DIFFERENCE), "RdBu_r"))
        for column, (title, plane, (low, high), colors) in enumerate(shown):
            axis = figure.add_subplot(grid[row, column])
            axis.imshow(plane, vmin=low, vmax=high, cmap=colors)
            axis.set_title(title, fontsize=9)
            axis.set_axis_off()
            if title.startswith("ct-denoise"):
                axis.text(4, 24, "SYNTHETIC", color="orange", fontsize=8)
    flat = uniform_soft_tissue(full.voxels)
    for n, dose in enumerate(doses):
        first, end = (m * columns // len(doses) for m in (n, n + 1))
        axis = figure.add_subplot(grid[len(doses), first:end])
        for name in ("full dose", *names):
            image = full if name == "full dose" else pictures[dose, name]
            found = noise_power(image.voxels, image.spacing, flat)
            axis.semilogy(found.frequency, found.power, label=f"{name} ({found.noise:.1f} HU)")
        axis.set_xlabel("spatial frequency (1/mm)")
        axis.set_ylabel("NPS (HU² mm²)")
        axis.set_title(f"Noise power in uniform soft tissue, dose {dose:g}", fontsize=9)
        axis.legend(fontsize=8)
    figure.savefig(path, dpi=70)
