"""What all private servers have in common: a directory, a log, one process."""

import shutil
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

from babyowl_local.paths import private_dir
from babyowl_local.processes import await_ready, stop


class PrivateServer(ABC):
    """A server with its own data in `home` and a free port on 127.0.0.1, kept over restarts of this object.

    `launch` returns at once, so that several servers can boot side by side; `await_ready` waits.
    `durable=False` trades the data's safety for speed, for tests.
    """

    name: str
    stop_signal = signal.SIGTERM
    stop_within = 20.0

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = private_dir(home.absolute())
        self.log = self.home / f"{self.name}.log"
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str: ...

    @property
    def data_dir(self) -> Path:
        return self.home / self.name

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not launched")
        return self._process

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        self._process = self._spawn()

    def await_ready(self) -> None:
        await_ready(self.name, self._answers, self.process, self.log, within=90)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, self.stop_signal, within=self.stop_within)

    def erase(self) -> None:
        """Delete all data; the next `launch` begins anew."""
        shutil.rmtree(self.data_dir, ignore_errors=True)

    @abstractmethod
    def _spawn(self) -> subprocess.Popen[bytes]: ...

    @abstractmethod
    def _answers(self) -> bool: ...
