"""The address a server listens on: taken before its world is opened, by one server at a time.

Granian binds when it starts its workers, on Linux each worker for itself and so that servers of one user share a port:
two worlds on one port would each be given every second connection, and a free port that was only looked up could be
taken while the world is made. So the socket is made here, once, and Granian is handed it.
"""

import errno
import os
import socket
import sys
from typing import Any

from granian import _granian
from granian.server.mp import MPServer

from openpartner.platform.errors import DomainError

BACKLOG = 1024
"""Connections that wait while the world is opened or a worker starts."""


class AddressUnavailable(DomainError):
    """Nobody can listen there, or somebody else does."""


def listen_on(host: str, port: int) -> socket.socket:
    """A listening socket that no other program can share; port 0 takes a free one. Raises AddressUnavailable."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror as failure:
        raise AddressUnavailable(f"There is no host {host}: {failure.strerror}. Choose another with --host.") from None
    except OSError as failure:
        if failure.errno != errno.EADDRINUSE:
            raise AddressUnavailable(
                f"Nobody can listen on port {port} of {host}: {os.strerror(failure.errno or 0)}. "
                "Choose others with --host and --port."
            ) from None
        raise AddressUnavailable(
            f"Port {port} of {host} is in use by another program. "
            "End that program, or choose another port with --port; 0 takes a free one."
        ) from None


class ServerOn(MPServer):
    """Granian on a socket that listens already. Its workers inherit it, so a restarted one loses no connection."""

    def __init__(self, listening: socket.socket, application: str, **options: Any) -> None:
        host, port = listening.getsockname()[:2]
        super().__init__(application, address=host, port=port, backlog=BACKLOG, **options)
        self._listening = listening

    def _init_shared_socket(self) -> None:
        """Instead of Granian's own: the same members, as it sets them where a socket is shared."""
        self._ssp = None
        self._sso = self._listening
        self._sso.set_inheritable(True)
        number = self._sso.fileno()
        holder: Any = _granian.SocketHolder  # its types say nothing of what makes one
        self._shd = holder(number) if sys.platform == "win32" else holder(number, False, BACKLOG)
