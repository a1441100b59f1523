"""Locks between processes that the kernel drops by itself when their holder dies."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self
from weakref import WeakSet


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours, closed to others, made when missing; root makes it for the owner of the folder."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


class FileLock:
    """A `flock` on a file: shared by many or held by one; as a context manager, held by one."""

    _alive: ClassVar[WeakSet["FileLock"]] = WeakSet()

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._alive.add(self)

    @property
    def is_held(self) -> bool:
        return self._descriptor is not None

    def hold_shared(self) -> None:
        fcntl.flock(self._opened(), fcntl.LOCK_SH)

    def hold_alone(self) -> None:
        fcntl.flock(self._opened(), fcntl.LOCK_EX)

    def is_now_alone(self) -> bool:
        """Try to turn a shared hold into a sole one; where that fails the shared hold may be lost."""
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def drop(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.hold_alone()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()

    def _opened(self) -> int:
        if self._descriptor is None:
            self._descriptor = open_private(self._path, os.O_RDWR)
        return self._descriptor

    @classmethod
    def forget_in_forked_child(cls) -> None:
        # A fork shares the parent's open file: unless the child closes it, the lock outlives the parent.
        for lock in list(cls._alive):
            lock.drop()


os.register_at_fork(after_in_child=FileLock.forget_in_forked_child)
