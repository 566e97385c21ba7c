"""An augmented folder for torch. This module alone of the room imports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from SynthCore.augment.samples import Sample, load, read_samples

Item = dict[str, Any]


class LesionDataset(Dataset[Item]):
    """Images with placed lesions and their masks, one subject an item.

    An item is a dict: ``image`` float32 tensor [role, k, j, i], in the units of the files;
    ``mask`` uint8 tensor [1, k, j, i], 1 in every lesion that is known; ``name``, ``patient`` and
    ``kind``.

    Parameters
    ----------
    folder : Path
        What `synthcore augment` made.
    roles : sequence of str
        Images to give, in this order.
    part : str or None
        ``train``, ``validation`` or ``test``, of which no two share a patient; None for all.
    transform : callable, optional
        Applied to each item, such as MONAI's dictionary transforms.

    Raises
    ------
    InputError
        If the folder has no such subject.
    """

    def __init__(
        self,
        folder: str | Path,
        roles: Sequence[str] = ("FLAIR",),
        part: str | None = "train",
        transform: Callable[[Item], Item] | None = None,
    ) -> None:
        self.samples: tuple[Sample, ...] = read_samples(Path(folder), roles, part)
        self.transform = transform

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Item:
        sample = self.samples[index]
        image, mask = load(sample)
        item: Item = {
            "image": torch.from_numpy(image),
            "mask": torch.from_numpy(mask)[None],
            "name": sample.name,
            "patient": sample.patient,
            "kind": sample.kind,
        }
        return item if self.transform is None else self.transform(item)
