"""Standard output and error that never fail and never hold up what runs: for commands whose work is not to print."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STANDARD = (0, 1, 2)
_CHUNK = 4096
"""A pipe that can be written to takes so many bytes without waiting: PIPE_BUF of Linux."""

_PATIENCE = 1.0


class _Unfailing(io.RawIOBase):
    """Writes to a file descriptor, and drops what that does not take: its reader is gone, or its disk is full.

    Args:
        target: File descriptor; it stays open.
        waits: Whether to wait for a slow reader as long as it takes; else for a second, and then no more until it
            reads on.
    """

    def __init__(self, target: int, *, waits: bool) -> None:
        self._target = target
        self._waits = waits
        self._patience = _PATIENCE
        self.lost: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._target

    def isatty(self) -> bool:
        return os.isatty(self._target)

    def write(self, data: ReadableBuffer, /) -> int:
        """See the base class; says that all was written, whatever became of it."""
        rest = memoryview(data)
        size = len(rest)
        with suppress(TimeoutError):
            while rest:
                rest = rest[self._write(rest) :]
        return size

    def _write(self, rest: memoryview) -> int:
        try:
            if not self._waits:
                self._await_reader()
            return os.write(self._target, rest if self._waits else rest[:_CHUNK])
        except BlockingIOError:
            select.select([], [self._target], [])
            return 0
        except TimeoutError:
            raise
        except OSError as error:
            self.lost = self.lost or error
            return len(rest)

    def _await_reader(self) -> None:
        """Wait until the reader has room.

        Raises:
            TimeoutError: It has none, for longer than it may.
        """
        polling = select.poll()
        polling.register(self._target, select.POLLOUT)
        if not polling.poll(self._patience * 1000):
            self._patience = 0.0
            raise TimeoutError
        self._patience = _PATIENCE


class Output:
    """The standard streams of a command, which nothing that is printed can break.

    A stream that was closed (`>&-`) becomes one that nobody reads, so that no file that is opened later takes its
    place. Characters that the encoding of a stream lacks are escaped.
    """

    def __init__(self) -> None:
        self._streams: list[_Unfailing] = []

    def shield(self, *, waits: bool) -> None:
        """Put streams that never fail in the place of `sys.stdout` and `sys.stderr`.

        Args:
            waits: Whether a reader that does not read on holds up the command.
        """
        _open_closed_ones()
        sys.stdout = self._shielded(sys.stdout, 1, waits=waits)
        sys.stderr = self._shielded(sys.stderr, 2, waits=waits)

    def loss(self) -> str | None:
        """Return why something that was printed has not arrived; None if all has, or its reader had enough."""
        _flush(sys.stdout)
        lost = [stream.lost for stream in self._streams if stream.lost is not None]
        return next((error.strerror for error in lost if error.errno != errno.EPIPE), None)

    def _shielded(self, stream: TextIO | None, number: int, *, waits: bool) -> TextIO:
        if stream is not None:
            _flush(stream)
            try:
                number = stream.fileno()
            except (AttributeError, OSError, ValueError):
                return stream  # somebody has put it there to catch what is printed
        raw = _Unfailing(number, waits=waits)
        self._streams.append(raw)
        return io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding=getattr(stream, "encoding", None) or "utf-8",
            errors="backslashreplace",
            line_buffering=number == 2 or raw.isatty(),
            write_through=bool(getattr(stream, "write_through", False)),
        )


def is_lost(stream: TextIO) -> bool:
    """Tell whether nobody reads a shielded stream any more, or something could not be written to it."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    if not isinstance(raw, _Unfailing):
        return False
    polling = select.poll()
    polling.register(raw.fileno(), 0)  # what is asked for nothing still tells of errors: a pipe's reader that is gone
    return raw.lost is not None or bool(polling.poll(0))


def _open_closed_ones() -> None:
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is the one that open gives.
            os.open(os.devnull, os.O_RDWR)


def _flush(stream: IO[str] | None) -> None:
    with suppress(AttributeError, OSError, ValueError):
        if stream is not None:
            stream.flush()
