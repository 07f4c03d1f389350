"""Run inside: makes the isolated network, hands its listening sockets out, then becomes the program.

A script of its own, started as ``python -I -S namespace.py``: a process that enters a user namespace must have
one thread, and it must be quick. It talks to ``isolate.py`` over a Unix socket; the sockets it listens
on belong to the network made here for ever, whoever accepts on them.
"""

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1

_NOT_EXECUTABLE, _NOT_FOUND, _REFUSED = 126, 127, 78  # as shells answer; EX_CONFIG

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """The kernel does not let this user have what isolation needs."""


def _call(what: str, result: int) -> None:
    if result != 0:
        raise Refused(f"{what}: {os.strerror(ctypes.get_errno())}")


def _mount(source: str, target: str, flags: int) -> None:
    result = _libc.mount(os.fsencode(source), os.fsencode(target), None, ctypes.c_ulong(flags), None)
    _call(f"mount {target}", result)


def _enter_user_namespace(flags: int, *, inside: tuple[int, int], outside: tuple[int, int]) -> None:
    """inside, outside: the user and group id that this process has there and had here."""
    _call("unshare", _libc.unshare(_CLONE_NEWUSER | flags))
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    for kind, within, without in zip(("uid", "gid"), inside, outside, strict=True):
        Path(f"/proc/self/{kind}_map").write_text(f"{within} {without} 1", encoding="ascii")


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def isolate(ports: list[int], replaced: list[tuple[str, str]]) -> list[socket.socket]:
    """Leaves this process in a network of its own, with ``replaced`` files over others, as its own user.

    Gives a socket that listens on 127.0.0.1 for each port. Raises Refused.
    """
    user = (os.geteuid(), os.getegid())
    root = (0, 0)
    try:
        # As root of the new namespaces: to mount, to raise loopback, and to have the ports below 1024
        _enter_user_namespace(_CLONE_NEWNS | _CLONE_NEWNET, inside=root, outside=user)
        _raise_loopback()
        _mount("none", "/", _MS_REC | _MS_PRIVATE)
        for source, target in replaced:
            _mount(source, target, _MS_BIND)
        listeners = [socket.create_server(("127.0.0.1", port), backlog=128) for port in ports]
        # And back to the user's own ids, so that the program sees who runs it
        _enter_user_namespace(0, inside=user, outside=root)
    except OSError as failure:
        raise Refused(f"{failure.filename or 'loopback'}: {failure.strerror}") from failure
    return listeners


def main() -> int:
    channel = socket.socket(fileno=int(sys.argv[1]))
    wanted = json.loads(sys.argv[2])
    command = sys.argv[3:]
    try:
        listeners = isolate(wanted["ports"], wanted["replaced"])
    except Refused as refusal:
        channel.sendall(str(refusal).encode())
        return _REFUSED
    if listeners:
        socket.send_fds(channel, [b"ready"], [listener.fileno() for listener in listeners])
    else:
        channel.sendall(b"ready")
    channel.close()
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the user's program is the point
    except FileNotFoundError:
        sys.stderr.write(f"openpartner: {command[0]}: command not found\n")
        return _NOT_FOUND
    except OSError as failure:
        sys.stderr.write(f"openpartner: {command[0]}: {failure.strerror}\n")
        return _NOT_EXECUTABLE


if __name__ == "__main__":
    sys.exit(main())
