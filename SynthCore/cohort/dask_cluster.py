"""The cluster that computes: processes of this machine, or one that is there already."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

import dask
from distributed import Client, LocalCluster, Worker, WorkerPlugin

import SynthCore
from SynthCore.errors import InputError

LOOPBACK = "127.0.0.1"
WITHIN_S = 10.0

_SETTINGS = {
    # never forked: a process that has threads, as every engine has, cannot be
    "distributed.worker.multiprocessing-method": "spawn",
    # a case whose process was ended is not tried on the next one: it may end all of them
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # the engine keeps to its memory itself; images are no data of Dask's
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.log-length": 0,
}


class Deaf(WorkerPlugin):  # type: ignore[misc]
    """Ctrl+C is for the process that commands: it tells the workers when to stop, and how."""

    name = "synthcore-deaf"

    def setup(self, worker: Worker) -> None:
        """Ignore interrupts."""
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        except ValueError:  # a worker whose loop is not in the main thread hears none anyway
            return


@contextmanager
def connected(workers: int, scheduler: str | None) -> Iterator[Client]:
    """A client of a cluster whose workers run this very software.

    Parameters
    ----------
    workers : int
        Processes to start here, where no scheduler is named.
    scheduler : str or None
        Address of one that is there.

    Raises
    ------
    InputError
        If there is no such scheduler, it has no workers, or they run something else.
    """
    if scheduler is not None:
        # what breaks is told in a sentence; Dask would add its tracebacks
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        with _client_of(scheduler) as client:
            _require_same(client, scheduler)
            yield client
        return
    with dask.config.set(_SETTINGS), _quiet_start():
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            dashboard_address=None,
            # without a dashboard it still listens for its state, on a port that may be taken
            scheduler_kwargs={"dashboard_address": f"{LOOPBACK}:0"},
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        )
        client = Client(cluster)
    with cluster, client:
        client.register_plugin(Deaf())
        yield client


@contextmanager
def _quiet_start() -> Iterator[None]:
    """Start processes to which a Ctrl+C in the terminal does not go; here it is heard after."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _client_of(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=WITHIN_S)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {address}; start one with `dask scheduler`, or use "
            "--workers."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=WITHIN_S)
        except TimeoutError as error:
            raise InputError(
                f"The Dask scheduler at {address} has no workers; start them with `dask worker "
                f"{address}`."
            ) from error
        yield client


def _version() -> str:
    import SynthCore

    return SynthCore.__version__


def _require_same(client: Client, address: str) -> None:
    try:
        found = set(client.run(_version).values())
    except Exception as error:  # whatever the workers raise comes through as it is
        raise InputError(
            f"The workers of {address} cannot load SynthCore ({type(error).__name__}); install "
            "SynthCore[cohort] where they run."
        ) from error
    if found != {SynthCore.__version__}:
        raise InputError(
            f"The workers of {address} run SynthCore {', '.join(sorted(found))}, and this is "
            f"{SynthCore.__version__}; install the same."
        )
