"""One write per answer, and a way to hang up. Wraps the connection that uvicorn's protocol writes to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HANG_UP = "cloudsim.hang_up"


class OneWriteTransport(asyncio.Transport):
    """Collects what is written during one turn of the loop and sends it in one piece.

    uvicorn writes headers and body apart; some clients of the real services were only ever tested
    against answers that arrive in one segment.
    """

    def __init__(self, inner: asyncio.Transport) -> None:
        """Take over the writing side of a connection."""
        super().__init__()
        self._inner = inner
        self._pending: list[bytes] = []

    def write(self, data: Any) -> None:
        """Queue the bytes until the loop turns."""
        if not self._pending:
            asyncio.get_running_loop().call_soon(self._flush)
        self._pending.append(bytes(data))

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        if pending and not self._inner.is_closing():
            self._inner.write(b"".join(pending))

    def close(self) -> None:
        """Send what is queued, then close."""
        self._flush()
        self._inner.close()

    def abort(self) -> None:
        """Close at once and send nothing more."""
        self._pending.clear()
        self._inner.abort()

    def is_closing(self) -> bool:
        """Tell whether the connection is closing."""
        return self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the connection knows about itself."""
        return self._inner.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Stop reading."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._inner.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection to another protocol."""
        self._inner.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol in charge."""
        return self._inner.get_protocol()


class Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with one write per answer and a hang-up callable in the scope."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Wrap the application so that each scope carries the connection's hang-up."""
        super().__init__(*args, **kwargs)
        inner = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope[HANG_UP] = self._hang_up()
            await inner(scope, receive, send)

        self.app = app

    def connection_made(self, transport: Any) -> None:
        """Accept the connection through the collecting transport."""
        super().connection_made(OneWriteTransport(transport))

    def _hang_up(self) -> Callable[[], None]:
        return self.transport.abort
