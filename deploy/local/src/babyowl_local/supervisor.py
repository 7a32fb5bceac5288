"""Keeps a set of programs running: in order, watched, restarted, and all of them gone at the end."""

import contextlib
import os
import selectors
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from types import FrameType

from babyowl_local.child import Child, Program, fork
from babyowl_local.paths import LocalPlatformError
from babyowl_local.private_server import PrivateServer

_BACKOFF = (0.2, 1.0, 2.0, 5.0, 15.0, 30.0)
_STEADY_AFTER = 60.0
_READY_WITHIN = 60.0
_PROBE_EVERY = 0.05
_STOP_WITHIN = 25.0
_PATIENCE = 5.0
# A proxy that the shell names knows nothing of this machine's ports.
_directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Lines = Callable[[str, str], None]


class StopAskedError(Exception):
    """Ctrl-C, SIGTERM or a closed terminal, while something was being started."""


class Supervisor:
    """Runs programs as children of this process, which must be its main thread.

    `lines` is called with a program's name and each line it prints; `changed` after every start and end
    of a program. Use it as a context manager: leaving it stops whatever runs, in the reverse order.
    """

    def __init__(self, lines: Lines, changed: Callable[[], None] = lambda: None) -> None:
        self._lines = lines
        self._changed = changed
        self._children: dict[str, Child] = {}
        self._servers: list[PrivateServer] = []
        self._falls: dict[str, int] = {}
        self._due: dict[str, tuple[float, Program]] = {}
        self._partial: dict[int, bytes] = {}
        self._selector = selectors.DefaultSelector()
        self._signals = 0

    def __enter__(self) -> "Supervisor":
        self._wake_reading, self._wake_writing = os.pipe()
        for end in (self._wake_reading, self._wake_writing):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake_writing)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(self._wake_reading, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            signal.set_wakeup_fd(-1)
            self._selector.close()
            os.close(self._wake_reading)
            os.close(self._wake_writing)

    @property
    def children(self) -> Sequence[Child]:
        return tuple(self._children.values())

    @property
    def stop_asked(self) -> bool:
        return self._signals > 0

    def watch(self, servers: Iterable[PrivateServer]) -> None:
        """Servers already launched; restarted on their port when they die, stopped after all programs."""
        self._servers += servers

    def start(self, *programs: Program) -> None:
        for program in programs:
            self._fork(program)

    def finish(self, *programs: Program) -> dict[str, list[str]]:
        """Run programs that come to an end, side by side, and return what they printed.

        Raises `LocalPlatformError` with the end of its output if one of them fails.
        """
        printed: dict[str, list[str]] = {program.name: [] for program in programs}
        lines, self._lines = self._lines, lambda name, line: printed[name].append(line)
        try:
            self.start(*programs)
            while not all(self._children[program.name].reap() for program in programs):
                self._raise_if_asked_to_stop()
                self._listen(0.5)
            ended = [self._children.pop(program.name) for program in programs]
            for child in ended:
                self._close(child)
        finally:
            self._lines = lines
        for child in ended:
            if child.status:
                said = "\n".join(printed[child.program.name][-20:])
                raise LocalPlatformError(f"{child.program.name} failed with {child.status}:\n{said}")
        return printed

    def await_ready(self, name: str, within: float = _READY_WITHIN) -> None:
        """Until the program's `ready_url` answers 200; raises if it ends or takes too long."""
        child = self._children[name]
        deadline = time.monotonic() + within
        while not child.ready:
            self._raise_if_asked_to_stop()
            if child.reap():
                self._listen(0)
                raise LocalPlatformError(f"{name} ended with {child.status} while starting; see `make logs`")
            if time.monotonic() > deadline:
                raise LocalPlatformError(f"{name} was not ready within {within:.0f} s; see `make logs`")
            child.ready = answers(child.program.ready_url)
            if not child.ready:
                self._listen(_PROBE_EVERY)
        self._changed()

    def run(self) -> None:
        """Keep everything running until a signal asks to stop."""
        while not self.stop_asked:
            self._listen(self._next_due())
            self._bury_and_revive()

    def stop(self) -> None:
        """SIGTERM to one after the other, those that were started last first; what still runs after 25 s, or at
        a second Ctrl-C, is killed. The servers go last.
        """
        self._due.clear()
        enough = max(self._signals, 1)
        deadline = time.monotonic() + _STOP_WITHIN
        for child in reversed(self._children.values()):
            child.send(signal.SIGTERM)
            self._await_end(child, min(deadline, time.monotonic() + _PATIENCE), enough)
        for child in self._children.values():
            self._await_end(child, deadline, enough)
            child.send(signal.SIGKILL)
        while not all(child.reap() for child in self._children.values()):
            self._listen(0.1)
        self._listen(0)
        for child in self._children.values():
            self._close(child)
        self._children.clear()
        for server in reversed(self._servers):
            server.stop()
        self._servers.clear()

    def _await_end(self, child: Child, deadline: float, enough: int) -> None:
        """Until it has ended, the time is up, or the user has lost patience."""
        while not child.reap() and time.monotonic() < deadline and self._signals <= enough:
            self._listen(0.1)

    def _fork(self, program: Program) -> None:
        child = fork(program)
        self._children[program.name] = child
        self._partial[child.output] = b""
        self._selector.register(child.output, selectors.EVENT_READ, child)
        self._changed()

    def _listen(self, timeout: float) -> None:
        """Pass on what the children print, for at most `timeout` seconds without news."""
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_reading, 4096)
            else:
                self._read(key.data)

    def _read(self, child: Child) -> None:
        try:
            text = os.read(child.output, 65_536)
        except BlockingIOError:
            return
        *complete, rest = (self._partial[child.output] + text).split(b"\n")
        if not text:  # the end of the pipe
            complete, rest = [line for line in (rest,) if line], b""
            self._selector.unregister(child.output)
        self._partial[child.output] = rest
        for line in complete:
            self._lines(child.program.name, line.decode(errors="replace"))

    def _close(self, child: Child) -> None:
        """Read to the end, then forget the pipe."""
        while child.output in self._selector.get_map():
            before = self._partial[child.output]
            self._read(child)
            if child.output in self._selector.get_map() and self._partial[child.output] == before:
                self._selector.unregister(child.output)  # a grandchild still holds the other end
        self._partial.pop(child.output, None)
        with contextlib.suppress(OSError):
            os.close(child.output)

    def _bury_and_revive(self) -> None:
        now = time.monotonic()
        for name, child in list(self._children.items()):
            if child.reap():
                del self._children[name]
                self._close(child)
                falls = 0 if now - child.started_at > _STEADY_AFTER else self._falls.get(name, 0)
                delay = _BACKOFF[min(falls, len(_BACKOFF) - 1)]
                self._falls[name] = falls + 1
                self._due[name] = (now + delay, child.program)
                self._lines(name, f"ended with {child.status}; starting it again in {delay:g} s")
                self._changed()
            elif not child.ready and answers(child.program.ready_url):
                child.ready = True
                self._changed()
        for name, (moment, program) in list(self._due.items()):
            if moment <= now:
                del self._due[name]
                self._fork(program)
        for server in self._servers:
            if not server.is_running:
                self._lines(server.name, f"ended with {server.process.returncode}; starting it again")
                server.stop()
                server.launch()
                server.await_ready()
                self._changed()

    def _next_due(self) -> float:
        waiting = [moment - time.monotonic() for moment, _ in self._due.values()]
        waiting += [0.2 for child in self._children.values() if not child.ready]
        return max(0.0, min([1.0, *waiting]))

    def _on_stop_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _raise_if_asked_to_stop(self) -> None:
        if self.stop_asked:
            raise StopAskedError


def answers(url: str | None) -> bool:
    """Whether a GET brings 200 within a second; a program without URL counts as ready."""
    if url is None:
        return True
    try:
        with _directly.open(url, timeout=1) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (OSError, urllib.error.URLError):
        return False
