"""A port for a server that must be told its number before it starts."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port() -> Iterator[int]:
    """A free loopback port that is given to nobody else while the block lasts, but may be listened on by name.

    The socket that holds it does not listen. It allows reuse only once it is bound, so the system had to choose a
    port of its own for it; looking a port up and letting it go would leave it to whoever asks next.
    """
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield holder.getsockname()[1]
