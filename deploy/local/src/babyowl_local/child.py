"""A forked process of the platform: what it runs, and how it is started, heard and ended."""

import contextlib
import gc
import os
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field

from babyowl_local.processes import die_with_parent


@dataclass(frozen=True)
class Program:
    """`python -m module arguments…`, run in a fork of a process that has imported the module before."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ready_url: str | None = None


@dataclass
class Child:
    """A running program; `output` is the reading end of what it prints."""

    program: Program
    pid: int
    output: int
    started_at: float
    ready: bool = False
    status: int | None = None

    def send(self, sig: signal.Signals) -> None:
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def reap(self) -> bool:
        """Whether it has ended; then `status` is its exit code, or minus the signal that ended it."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None


def fork(program: Program) -> Child:
    """Start the program in a session of its own: a terminal's Ctrl-C reaches the supervisor only."""
    reading, writing = os.pipe()
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _become(program, writing, parent)
    os.close(writing)
    os.set_blocking(reading, False)
    return Child(program, pid, reading, time.monotonic())


def freeze() -> None:
    """Called once everything is imported: keeps the collector from copying shared memory in the forks."""
    gc.collect()
    gc.freeze()


def _become(program: Program, output: int, parent: int) -> None:
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        die_with_parent(parent, signal.SIGTERM)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.closerange(3, 4096)  # above all the lock of the checkout, which must end with the supervisor
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        os.environ.clear()
        os.environ.update(program.env)
        sys.argv = [program.module, *program.arguments]
        runpy.run_module(program.module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        if isinstance(leaving.code, str):
            print(leaving.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 (nothing of the supervisor may run on in the fork)
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
