"""Why a program was not run: a message for the person at the terminal, and an exit code for scripts."""


class RunFailure(Exception):
    exit_code: int


class WorldUnavailable(RunFailure):
    """No server answers, and none could be started."""

    exit_code = 69  # EX_UNAVAILABLE


class IsolationRefused(RunFailure):
    """The kernel or the platform gives this user no namespaces."""

    exit_code = 78  # EX_CONFIG

    def __init__(self, why: str) -> None:
        super().__init__(
            f"--isolate needs unprivileged user, mount and network namespaces, which this machine refuses ({why}): "
            "run without --isolate if the program honours HTTPS_PROXY, else use what `openpartner hosts` prints."
        )


class CommandNotFound(RunFailure):
    exit_code = 127  # as shells answer


class CommandNotExecutable(RunFailure):
    exit_code = 126


class Interrupted(RunFailure):
    """A signal came before the program had started."""

    def __init__(self, signal_number: int) -> None:
        super().__init__("interrupted before the program started.")
        self.exit_code = 128 + signal_number
