"""Child processes that never outlive the process that started them."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from babyowl_local.paths import LocalPlatformError

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

# Linux sends the parent-death signal when the *thread* that started the child ends. All children are
# therefore started by this one thread, which lives as long as the process does.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


def die_with_parent(parent_pid: int, sig: signal.Signals) -> None:
    """Called in a child: have the kernel send it `sig` when its parent goes, however that happens."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own (a terminal's Ctrl-C does not reach it), output to `log`."""
    parent_pid = os.getpid()

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [os.fspath(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=None if env is None else dict(env),
                user=user,
                group=_group_of(user),
                extra_groups=None if user is None else [],
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(parent_pid, death_signal),  # noqa: PLW1509 (prctl takes no lock)
            )

    return _spawner.submit(start).result()


def run(command: Sequence[str | Path], *, user: str | None = None, cwd: Path | None = None) -> str:
    """Run to the end and return its output; a failure is raised together with what it printed."""
    done = subprocess.run(
        [os.fspath(part) for part in command],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        user=user,
        group=_group_of(user),
        extra_groups=None if user is None else [],
    )
    if done.returncode != 0:
        raise LocalPlatformError(f"{command[0]} failed with {done.returncode}:\n{done.stdout.strip()}")
    return done.stdout


def stop(process: subprocess.Popen[bytes], sig: signal.Signals, *, within: float) -> None:
    """Ask with `sig`; what has not gone after `within` seconds is killed. Paused processes wake first."""
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(sig)
        process.send_signal(signal.SIGCONT)
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def await_ready(
    name: str, ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, within: float
) -> None:
    """Return once `ready` says so; raise with the end of the log if the process dies or takes too long."""
    deadline = time.monotonic() + within
    while not ready():
        if process.poll() is not None:
            raise LocalPlatformError(f"{name} ended with {process.returncode} while starting:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise LocalPlatformError(f"{name} was not ready within {within:.0f} s:\n{tail(log)}")
        time.sleep(0.02)


def tail(log: Path, lines: int = 20) -> str:
    with contextlib.suppress(FileNotFoundError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return "(no log)"


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    return pwd.getpwnam(user).pw_gid
