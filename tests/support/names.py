"""A name server on loopback that knows what a test publishes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """``published``: texts by name. ``address``: what the setting ``dns_server`` takes."""

    def __init__(self) -> None:
        self.published: dict[str, list[str]] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def serve(self) -> None:
        """Answer until closed."""
        while True:
            try:
                asked, sender = self._socket.recvfrom(4096)
            except OSError:
                return
            if not asked:
                return
            self._socket.sendto(self._answer(asked), sender)

    def _answer(self, asked: bytes) -> bytes:
        question = dns.message.from_wire(asked)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        [wanted] = question.question
        texts = self.published.get(wanted.name.to_text(omit_final_dot=True))
        if texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif texts:
            answer.answer.append(dns.rrset.from_text(wanted.name, 60, "IN", "TXT", *(f'"{each}"' for each in texts)))
        return answer.to_wire()

    def close(self) -> None:
        """Stop answering."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waking:
            waking.sendto(b"", self._socket.getsockname())


@contextmanager
def name_server() -> Iterator[NameServer]:
    """One that answers while the block runs."""
    server = NameServer()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)
        server._socket.close()
