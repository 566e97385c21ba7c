"""A small U-Net on slices, trained from seeded crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from SynthCore.bench.augment.cases import CHANNELS, Case, Floats, slab
from SynthCore.request import Progress

STEPS, BATCH, PATCH = 300, 8, 32
RATE = 3e-3
_MULTIPLE = 16


@dataclass(frozen=True)
class Crops:
    """Crops of slices: half of them hold a lesion.

    Attributes
    ----------
    real, placed : sequence of Case
        As they were, and with lesions placed into them; with `placed`, half of the crops are of
        those, so that both kinds of training see as many crops.
    """

    real: Sequence[Case]
    placed: Sequence[Case] = ()

    def batch(self, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Channels [n, 5, j, i] and lesions [n, 1, j, i]."""
        pairs = [self._one(random, lesion=n % 2 == 0) for n in range(BATCH)]
        return np.stack([a for a, _ in pairs]), np.stack([b for _, b in pairs])

    def _one(self, random: np.random.Generator, *, lesion: bool) -> tuple[Floats, Floats]:
        pool = self.placed if self.placed and random.random() < 0.5 else self.real
        case = pool[int(random.integers(len(pool)))]
        where = case.in_lesions if lesion else case.in_brain
        k, j, i = where[random.integers(len(where))]
        half = PATCH // 2
        j, i = (int(v + random.integers(-half // 2, half // 2)) for v in (j, i))
        image = _cut(slab(case, int(k)), j, i, -2.0)
        truth = _cut(case.lesions[None, int(k)].astype(np.float32), j, i, 0.0)
        if random.random() < 0.5:
            image, truth = image[..., ::-1], truth[..., ::-1]
        # another scanner's brightness and contrast, each sequence on its own
        gain = random.uniform(0.8, 1.25, (3,)).astype(np.float32)[[0, 0, 0, 1, 2], None, None]
        shift = random.normal(0, 0.15, (3,)).astype(np.float32)[[0, 0, 0, 1, 2], None, None]
        noise = random.normal(0, 0.05, image.shape).astype(np.float32)
        inside = image > -2.0
        return np.where(inside, image * gain + shift + noise, image), truth.copy()


def train(crops: Crops, seed: int, progress: Progress | None = None, steps: int = STEPS) -> Any:
    """A network after `steps` steps of Adam on Dice and cross entropy, the same for a seed."""
    from monai.losses import DiceCELoss
    from monai.networks.nets import BasicUNet

    torch.manual_seed(seed)
    random = np.random.default_rng([seed, 11])
    network: nn.Module = BasicUNet(
        2, CHANNELS, 1, features=(12, 16, 32, 32, 32, 12), norm="batch", upsample="nontrainable"
    )
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    loss_of = DiceCELoss(sigmoid=True, batch=True)
    network.train()
    for step in range(steps):
        image, truth = (torch.from_numpy(np.ascontiguousarray(a)) for a in crops.batch(random))
        loss = loss_of(network(image), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if progress is not None and step % 10 == 0:
            progress(step / steps, f"step {step}, loss {loss.item():.3f}")
    return network.eval()


@torch.inference_mode()
def predict(network: Any, case: Case) -> Floats:
    """Probability of lesion [k, j, i], 0 outside the brain."""
    made = np.zeros(case.brain.shape, np.float32)
    rows, columns = case.brain.shape[1:]
    pad = ((0, 0), (0, -rows % _MULTIPLE), (0, -columns % _MULTIPLE))
    for k in range(case.brain.shape[0]):
        if case.brain[k].any():
            image = np.pad(slab(case, k), pad, constant_values=-2.0)[None]
            found = torch.sigmoid(network(torch.from_numpy(image)))[0, 0, :rows, :columns]
            made[k] = found.numpy()
    return np.where(case.brain, made, 0.0).astype(np.float32)


def _cut(image: Floats, j: int, i: int, outside: float) -> Floats:
    """A square around row j and column i of an image [c, j, i]."""
    half = PATCH // 2
    padded = np.pad(image, ((0, 0), (PATCH, PATCH), (PATCH, PATCH)), constant_values=outside)
    j = min(max(j, 0), image.shape[1] - 1) + PATCH
    i = min(max(i, 0), image.shape[2] - 1) + PATCH
    return np.asarray(padded[:, j - half : j + half, i - half : i + half])
