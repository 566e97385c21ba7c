"""A synthetic image against a real one: metrics by a preset, and both histograms."""

from __future__ import annotations

import numpy as np

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.protocol import MASK, Message, unpack
from SynthCore.request import Cancelled, Progress, or_stop, part_of
from SynthCore.worker.answer import Answer
from SynthCore.worker.bodies import as_mask

BINS = 256
NAMES = ("synthetic", "reference")

RANGE = (0.1, 99.9)
"""Percentiles of both images together that the histogram runs between: a metal artifact or a
bright vessel must not press everything else into one bin."""


def evaluation(message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
    """Answer an ``evaluate`` message.

    Raises
    ------
    InputError
        If the message is wrong, or the two images cannot be compared.
    CancelledError
        If that was asked for, between two metrics.
    """
    body, volumes = message.body, unpack(message)
    mask = volumes.pop(MASK, None)
    if set(volumes) != set(NAMES):
        raise InputError("An evaluate message brings the volumes synthetic and reference.")
    preset, task = body.get("preset"), body.get("task")
    if not isinstance(preset, str | None) or not isinstance(task, str | None):
        raise InputError("The preset and the task of an evaluate message are texts.")
    tell = or_stop(progress, cancelled)
    tell(0.0, "evaluate")
    from SynthCore.axes import in_order_of
    from SynthCore.quality.evaluate import default_preset, evaluate, field_of
    from SynthCore.quality.words import metric_name, metric_value

    synthetic, reference = volumes["synthetic"], volumes["reference"]
    region = None if mask is None else as_mask(in_order_of(mask, synthetic) or mask)
    chosen = preset or default_preset(task or "", synthetic.modality)
    field = field_of(task, synthetic)
    found = evaluate(
        synthetic, reference, preset=chosen, mask=region, resample=True, field=field,
        progress=part_of(tell, 0.0, 0.9),
    )  # fmt: skip
    tell(0.9, "histogram")
    histogram = _histogram(synthetic, reference, region)
    told = found.to_json_dict()
    lines = [[metric_name(key), metric_value(key, value)] for key, value in told["metrics"].items()]
    return Answer({"evaluation": told, "lines": lines, "unit": found.unit, "histogram": histogram})


def _histogram(synthetic: Image, reference: Image, region: Image | None) -> dict[str, list[float]]:
    """Shares of the voxels of both between common edges, in the mask or the reference's body."""
    from SynthCore.quality.evaluate import reference_body
    from SynthCore.quality.grids import seen_on_grid
    from SynthCore.quality.histogram import histogram

    reference, seen = seen_on_grid(reference, synthetic)
    inside = (reference_body(reference)[0] if region is None else region.voxels) & seen
    values = np.concatenate([image.voxels[inside] for image in (synthetic, reference)])
    low, high = (float(v) for v in np.percentile(values, RANGE))
    edges = np.linspace(low, max(high, low + 1e-6 * max(1.0, abs(low))), BINS + 1)
    shares = [histogram(i.voxels, edges, inside).shares for i in (synthetic, reference)]
    return {
        "edges": edges.tolist(),
        **{name: found.tolist() for name, found in zip(NAMES, shares, strict=True)},
    }
