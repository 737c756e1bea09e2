"""The processes of one job: who they are, and the little that they say to each other through the launcher's store.

No process group is built and nothing is gathered: a rank takes tickets, and reads what others left in files. A rank
that dies takes nobody with it, except that its launcher then ends the others.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from multitrust_eval.errors import UsageError, UserError

_POLL_S = 0.05
_BEAT_S = 2.0
_GIVEN_UP = "given-up"
SILENT_S = 120.0
"""A rank that has not been heard of for so long counts as dead."""


class Store(Protocol):
    """What is used of torch.distributed's store."""

    def add(self, key: str, amount: int) -> int: ...
    def set(self, key: str, value: bytes) -> None: ...
    def get(self, key: str) -> bytes: ...
    def check(self, keys: list[str]) -> bool: ...


class LocalStore:
    """The store of a job of one process."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._values: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def add(self, key: str, amount: int) -> int:
        with self._lock:
            self._numbers[key] = self._numbers.get(key, 0) + amount
            return self._numbers[key]

    def set(self, key: str, value: bytes) -> None:
        self._values[key] = value

    def get(self, key: str) -> bytes:
        return self._values[key]

    def check(self, keys: list[str]) -> bool:
        return all(key in self._values for key in keys)


class Ranks:
    """This process among the `world` of its job. Every method but `wait` returns at once."""

    def __init__(self, rank: int = 0, world: int = 1, local_rank: int = 0, store: Store | None = None) -> None:
        self.rank, self.world, self.local_rank = rank, world, local_rank
        self._store = store or LocalStore()
        self._ended = threading.Event()
        if world > 1:
            threading.Thread(target=self._beat, daemon=True, name="heartbeat").start()

    @property
    def first(self) -> bool:
        return self.rank == 0

    def ticket(self, queue: str) -> int:
        """The next number of a queue: 0, 1, 2, ... each handed to exactly one rank."""
        return self.count(f"ticket/{queue}", 1) - 1

    def count(self, name: str, amount: int = 0) -> int:
        """Add to a counter that all ranks share; returns its new value."""
        return int(self._ask(lambda: self._store.add(name, amount)))

    def publish(self, name: str, value: bytes) -> None:
        self._ask(lambda: self._store.set(name, value))

    def wait(self, name: str, check: Callable[[], None]) -> bytes:
        """What a rank published under `name`, once it is there. `check` is called meanwhile and may raise."""
        while not self._has(name):
            check()
            self._check_others()
            time.sleep(_POLL_S)
        return bytes(self._ask(lambda: self._store.get(name)))

    def meet(self, name: str, check: Callable[[], None]) -> list[int]:
        """Wait until every rank has called this, or is silent for SILENT_S; the ranks that never came."""
        self.publish(f"met/{name}/{self.rank}", b"1")
        heard = {rank: (time.monotonic(), -1) for rank in range(self.world)}
        absent = list(range(self.world))
        while True:
            absent = [rank for rank in absent if not self._has(f"met/{name}/{rank}")]
            if not absent or all(self._silent(rank, heard) for rank in absent):
                return absent
            check()
            self._check_others()
            time.sleep(_POLL_S)

    def give_up(self) -> None:
        """Tell the ranks that wait for this one that it failed. Never raises."""
        with contextlib.suppress(UserError):
            self.publish(_GIVEN_UP, str(self.rank).encode())

    def close(self) -> None:
        self._ended.set()

    def _has(self, name: str) -> bool:
        return bool(self._ask(lambda: self._store.check([name])))

    def _check_others(self) -> None:
        if self.world > 1 and self._has(_GIVEN_UP):
            raise UserError("Another process of the job failed, so this one stops; what it generated is on disk.")

    def _silent(self, rank: int, heard: dict[int, tuple[float, int]]) -> bool:
        beats = self.count(f"beat/{rank}")
        if beats != heard[rank][1]:
            heard[rank] = (time.monotonic(), beats)
        return time.monotonic() - heard[rank][0] > SILENT_S

    def _beat(self) -> None:
        while not self._ended.wait(_BEAT_S):
            try:
                self._store.add(f"beat/{self.rank}", 1)
            except RuntimeError:  # the store is gone: the next call of the main thread says so
                return

    def _ask(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except RuntimeError as error:
            raise UserError(
                "The process that keeps the job's queue is gone, so this one stops; what it generated is on disk. "
                "Run the same command again to go on."
            ) from error


def connect(environment: Mapping[str, str] = os.environ) -> Ranks:
    """This process's place among the ranks, from the variables that torchrun and accelerate set.

    Raises UsageError when a launcher was asked for several processes but started one.
    """
    if "RANK" not in environment or "WORLD_SIZE" not in environment:
        if "MASTER_PORT" in environment and "ACCELERATE_MIXED_PRECISION" in environment:
            raise UsageError(
                "accelerate was asked for several processes but started one, as it does with --cpu. Use torchrun "
                "--nproc_per_node N, or accelerate launch --multi_gpu --num_processes N."
            )
        return Ranks()
    world = int(environment["WORLD_SIZE"])
    if world == 1:
        return Ranks(local_rank=int(environment.get("LOCAL_RANK", "0")))
    from torch.distributed import rendezvous

    store, rank, world = next(rendezvous("env://", timeout=timedelta(minutes=30)))
    return Ranks(rank, world, int(environment.get("LOCAL_RANK", "0")), store)
