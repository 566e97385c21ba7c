"""One person, from what was drawn to a folder that is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from SynthCore.people import picture
from SynthCore.people.draws import Draws
from SynthCore.people.files import PersonWriter
from SynthCore.people.heads import Head
from SynthCore.people.person_file import NOTICE, Found, Made, PersonFile, software
from SynthCore.people.scanning import image_of, lesions_of, tissues_of, volume_ml
from SynthCore.people.slabs import make_maps
from SynthCore.people.wish import Format
from SynthCore.physics.generator.lesions import stages_of
from SynthCore.request import Progress, part_of
from SynthCore.staging import new_folder


@dataclass(frozen=True)
class Task:
    """Where a person goes, and in which format."""

    folder: Path
    output: Format


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch computes on one thread: the same sums in the same order, however many cores there are.

    It is no slower: slabs that fit a core's memory gain nothing from a second one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def make_person(draws: Draws, head: Head, task: Task, progress: Progress) -> PersonFile:
    """Make a person's images and truth and write them, all or nothing.

    Parameters
    ----------
    draws : Draws
        Of the person.
    head : Head
        What they were drawn on.
    task : Task
        Its folder is missing, and takes its name when everything is in it.
    progress : callable
        Told a fraction and a stage; it may raise to stop.

    Raises
    ------
    InputError
        If the folder is there by then, or cannot be written.
    ComputationError
        If the disk is full.
    """
    maps = make_maps(draws.person, head.anatomy, draws.grid, part_of(progress, 0.0, 0.5))
    tissues, lesions = tissues_of(draws.grid, maps), lesions_of(draws.grid, maps)
    images = []
    with new_folder(task.folder) as stage:
        writer = PersonWriter(stage, task.folder.name, draws, task.output)
        for number, role in enumerate(draws.images):
            progress(0.5 + 0.4 * number / len(draws.images), role)
            images.append(image_of(draws, role, maps))
            writer.image(images[-1])
        progress(0.92, "truth")
        brain = maps.brain[draws.grid.every // 2 :: draws.grid.every].numpy()
        del maps
        truth = writer.truth(tissues, lesions)
        (stage / picture.NAME).write_bytes(picture.picture(images, brain, lesions))
        made = PersonFile(
            NOTICE,
            task.folder.name,
            tuple(software().items()),
            draws,
            tuple(
                Found(kind, round(volume_ml(mask), 4), stages_of(draws.person.lesions, kind))
                for kind, mask in lesions.items()
            ),
            tuple(Made(image.modality, image.sha256()) for image in images),
            truth,
        )
        made.write(stage)
    progress(1.0, "done")
    return made
