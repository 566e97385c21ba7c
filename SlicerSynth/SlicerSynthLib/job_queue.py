"""Jobs under way: sent one after another, told of as they change, ended with the scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import slicer

from SlicerSynthLib.answers import apply_event
from SlicerSynthLib.client import WorkerClient
from SlicerSynthLib.jobs import Job
from SlicerSynthLib.signals import Signal
from SynthCore.errors import SynthCoreError
from SynthCore.image import Image
from SynthCore.protocol import Message

SCENE_CLOSED = "The scene was closed during the run; it was cancelled and nothing was made."

Place = Callable[[Job, Message], None]
"""Puts a result where it belongs; if it raises, the job has failed."""


class JobQueue:
    """The jobs of one scene.

    Parameters
    ----------
    client : WorkerClient
        Is closed by `close`.
    scene : vtkMRMLScene
        Once it closes, every job is cancelled.

    Attributes
    ----------
    changed : Signal
        Emitted with the job whenever one of them changes.
    ended : Signal
        Emitted with the job once it has ended, after `changed`.
    jobs : list of Job
        Those that have not ended, in order.
    """

    def __init__(self, client: WorkerClient, scene: Any) -> None:
        self._client = client
        self._scene = scene
        self._observer = scene.AddObserver(
            slicer.vtkMRMLScene.StartCloseEvent, self._on_scene_closed
        )
        self.changed = Signal()
        self.ended = Signal()
        self.jobs: list[Job] = []

    @property
    def running(self) -> Job | None:
        """The job at the engine, None while there is none."""
        return self.jobs[0] if self.jobs else None

    @property
    def engine_ready(self) -> bool:
        """Whether the engine has answered and has not ended."""
        return self._client.state == "ready"

    def submit(
        self, job: Job, body: Mapping[str, Any], volumes: Mapping[str, Image], place: Place
    ) -> Job:
        """Send a job when its turn comes."""

        def on_event(message: Message) -> None:
            if job not in self.jobs:  # the scene was closed meanwhile, or the module
                return
            apply_event(job, message)
            if job.state == "done":
                try:
                    place(job, message)
                except Exception as error:  # whatever it is, the next job must come
                    job.state, job.message = "failed", _sentence(error)
            self._tell(job)

        job.ticket = self._client.submit(job.kind, body, volumes, on_event)
        self.jobs.append(job)
        self.changed.emit(job)
        return job

    def cancel(self, job: Job) -> None:
        """Ask for a job to stop; its end is told as every other."""
        if not job.ended:
            self._client.cancel(job.ticket)

    def poll(self) -> None:
        """Take what the engine sent; call it every 20 to 50 ms from the main thread."""
        self._client.poll()

    def restart(self) -> None:
        """End the engine: the next request finds the one that is set then."""
        self._client.restart()

    def close(self) -> None:
        """End the engine and let the scene go; results that were under way are dropped."""
        self._scene.RemoveObserver(self._observer)
        self.jobs.clear()
        self._client.close()

    def _tell(self, job: Job) -> None:
        if job.ended:
            self.jobs.remove(job)
        self.changed.emit(job)
        if job.ended:
            self.ended.emit(job)

    def _on_scene_closed(self, *_: Any) -> None:
        for job in tuple(self.jobs):
            self._client.cancel(job.ticket)
            job.state, job.message = "cancelled", SCENE_CLOSED
            self._tell(job)


def _sentence(error: Exception) -> str:
    if isinstance(error, SynthCoreError):
        return str(error)
    # the message of an unexpected error may hold a name: only its type is told
    return f"The result could not be put into the scene ({type(error).__name__}); run it again."
