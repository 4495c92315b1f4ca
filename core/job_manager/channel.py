"""Messages between two processes of one machine over a socket pair."""

from __future__ import annotations

import os
import select
import socket
import struct
from typing import Any

import orjson  # each run of a job is two messages, there and back: the standard library takes five times as long

_LENGTH = struct.Struct("!I")
_LONGEST = 1 << 30
# Small enough for the allocator's fast path: most messages have less than a kilobyte.
_CHUNK = 16_384
# struct timeval: two seconds.
_SEND_TIMEOUT = struct.pack("ll", 2, 0)

Message = dict[str, Any]


class Channel:
    """JSON documents of any size, each with its length before it, over a stream socket.

    A side that waits uses `receive`; a side that must not wait uses `receive_available` when its selector says so.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()
        self._inode = os.fstat(connection.fileno()).st_ino
        self._is_closed = False
        self._waiting = select.poll()
        self._waiting.register(connection, select.POLLIN)

    def fileno(self) -> int:
        """For the selector."""
        return self._socket.fileno()

    def is_closed(self) -> bool:
        """Whether the other side was found gone."""
        return self._is_closed

    def is_intact(self) -> bool:
        """Whether the descriptor is still this socket: a job may have closed it, or opened another in its place."""
        try:
            return os.fstat(self._socket.fileno()).st_ino == self._inode
        except OSError:
            return False

    def send(self, message: Message) -> bool:
        """Send, waiting for room; False where the other side is gone. A dataclass in it arrives as a dict."""
        body = orjson.dumps(message)
        try:
            self._socket.sendall(_LENGTH.pack(len(body)) + body)
        except OSError:
            return False
        return True

    def receive(self) -> Message | None:
        """The next message, waited for; None where the other side is gone."""
        while True:
            message = self._next()
            if message is not None:
                return message
            # Not in recv itself: the kernel wakes that also when the other side has read, which is nothing to wake for.
            self._waiting.poll()
            if not self._fill(0):
                return None

    def receive_available(self) -> list[Message]:
        """What has come, without waiting; `is_closed()` then says whether the other side is gone.

        Raises ValueError where something came that is no message.
        """
        try:
            while self._fill(socket.MSG_DONTWAIT) == _CHUNK:
                pass
        except BlockingIOError:
            pass
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def close(self) -> None:
        """Close this side."""
        self._socket.close()

    def _fill(self, flags: int) -> int:
        try:
            data = self._socket.recv(_CHUNK, flags)
        except BlockingIOError:
            raise
        except OSError:
            data = b""
        self._buffer += data
        self._is_closed = self._is_closed or not data
        return len(data)

    def _next(self) -> Message | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > _LONGEST:
            raise ValueError(f"a message of {length} bytes was announced")
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as view, view[_LENGTH.size : end] as body:
            message: Message = orjson.loads(body)
        del self._buffer[:end]
        return message


def channel_pair() -> tuple[Channel, socket.socket]:
    """A channel, and the other end for another process.

    Our side never waits long for room: a process that was stopped does not stop us.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _SEND_TIMEOUT)
    return Channel(ours), theirs
