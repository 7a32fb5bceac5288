"""A private RabbitMQ node: its own data, cookie, epmd and ports, all on 127.0.0.1."""

import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from babyowl_local import fetch
from babyowl_local.paths import LocalPlatformError, free_port, kept_secret, private_dir
from babyowl_local.private_server import PrivateServer
from babyowl_local.processes import spawn, stop

USER = "babyowl"
_SMALL_AND_QUICK = shlex.split("+S 1:1 +SDcpu 1:1 +SDio 2 +A 4 +sbwt none +sbwtdcpu none +sbwtdio none")

# Run inside the node: answers Erlang expressions sent over a Unix socket in the node's directory, which
# only its owner can enter. A rabbitmqctl call takes a second and a second virtual machine; this takes 1 ms.
_CONTROL = """
spawn(fun() ->
  _ = file:delete("control"),
  {ok, Listener} = gen_tcp:listen(0, [{ifaddr, {local, "control"}}, binary, {packet, 4}, {active, false}]),
  Answer = fun(Text) ->
    try
      {ok, Tokens, _} = erl_scan:string(binary_to_list(Text)),
      {ok, Expressions} = erl_parse:parse_exprs(Tokens),
      {value, Value, _} = erl_eval:exprs(Expressions, []),
      io_lib:format("ok ~0tp", [Value])
    catch Class:Reason -> io_lib:format("error ~0tp", [{Class, Reason}])
    end
  end,
  Serve = fun Loop() ->
    {ok, Socket} = gen_tcp:accept(Listener),
    spawn(fun() ->
      {ok, Text} = gen_tcp:recv(Socket, 0),
      ok = gen_tcp:send(Socket, unicode:characters_to_binary(Answer(Text))),
      gen_tcp:close(Socket)
    end),
    Loop()
  end,
  Serve()
end).
"""

# A quorum queue whose node was killed within seconds of the declaration comes back without a leader, and
# with one member nobody else calls the election: it would hang for ever (seen with 3.10).
_WAKE_QUORUM_QUEUES = """
[ra:trigger_election({Name, node()}) || {Name, _} <- ra_directory:list_registered(quorum_queues),
                                        ets:lookup(ra_leaderboard, Name) =:= []].
"""


# A quorum queue that dead-letters at least once starts a worker when it finds its leader. Deleted in that very
# moment, the worker takes the supervisor of all such workers down with it, and no queue of its kind ever works
# again on that node (seen with 3.10; newer ones share the path). So each leader, then each worker, answers first.
_SETTLE_QUORUM_QUEUES = """
[ra:members(amqqueue:get_pid(Queue), 5000) || Queue <- rabbit_amqqueue:list(<<"{vhost}">>),
                                              amqqueue:get_type(Queue) =:= rabbit_quorum_queue],
[catch sys:get_state(Worker, 5000) || {{_, Worker, _, _}} <- supervisor:which_children(rabbit_fifo_dlx_sup)].
"""


class RabbitServer(PrivateServer):
    """One node. Slow to boot (3 to 6 s), so `launch` it first and await it last."""

    name = "rabbitmq"

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        super().__init__(home, durable=durable)
        self._epmd: subprocess.Popen[bytes] | None = None
        self._port = self._distribution_port = self._epmd_port = 0

    @property
    def url(self) -> str:
        return f"amqp://{USER}:{self._password()}@127.0.0.1:{self._port}/"

    def await_ready(self) -> None:
        super().await_ready()
        RabbitControl(self.data_dir, self.url).evaluate(_WAKE_QUORUM_QUEUES)

    def stop(self) -> None:
        super().stop()
        if self._epmd is not None:
            stop(self._epmd, signal.SIGTERM, within=5)

    def pause(self) -> None:
        """Freeze the node: its sockets stay open and nothing answers, as with a machine that hangs."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As when the power fails: no goodbye to anybody. `launch` starts it on the same data again.

        RabbitMQ 3.10 writes the register of its quorum queues only every few seconds, and drops confirmed
        messages of a queue it doesn't find there; so that tests needn't wait, the register is written now.
        """
        self.resume()  # a frozen node could not answer
        RabbitControl(self.data_dir, self.url).evaluate("[dets:sync(Table) || Table <- dets:all()].")
        self.process.kill()
        self.stop()

    def _spawn(self) -> subprocess.Popen[bytes]:
        erlang, rabbit = _installation()
        if not self._port:
            self._port, self._distribution_port, self._epmd_port = free_port(), free_port(), free_port()
        private_dir(self.data_dir)
        (self.data_dir / "control").unlink(missing_ok=True)
        _link_plugins(rabbit / "plugins", self.data_dir / "plugins")
        kept_secret(self.data_dir / ".erlang.cookie")
        (self.data_dir / "enabled_plugins").write_text("[].")
        (self.data_dir / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self._port}\n"
            f"default_user = {USER}\ndefault_pass = {self._password()}\n"
            "log.console = true\nlog.console.level = warning\nlog.console.use_colors = off\n"
            "log.file = false\n"
            "disk_free_limit.absolute = 200MB\n"
        )
        erts = next(iter(sorted(erlang.glob("erts-*/bin"))))
        environment = self._environment(erlang, erts, rabbit)
        self._epmd = spawn(
            [erts / "epmd", "-address", "127.0.0.1", "-port", str(self._epmd_port)],
            log=self.log,
            cwd=self.data_dir,
            env=environment,
        )
        return spawn(
            [erts / "erlexec", *self._arguments(erlang)],
            log=self.log,
            cwd=self.data_dir,
            env=environment,
        )

    def _answers(self) -> bool:
        """The control socket comes into being when the boot is over, and listens a moment later."""
        try:
            RabbitControl(self.data_dir, self.url).evaluate("ok.")
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def _arguments(self, erlang: Path) -> Iterator[str]:
        yield from ("+W", "w", *_SMALL_AND_QUICK)
        yield from ("-noinput", "-boot", str(erlang / "bin" / "start_sasl"))
        yield from ("-pa", *(str(path / "ebin") for path in sorted((self.data_dir / "plugins").iterdir())))
        yield from ("-sname", "rabbit@localhost")
        yield from ("-kernel", "inet_dist_use_interface", "{127,0,0,1}")
        yield from ("-kernel", "inet_dist_listen_min", str(self._distribution_port))
        yield from ("-kernel", "inet_dist_listen_max", str(self._distribution_port))
        yield from ("-kernel", "prevent_overlapping_partitions", "false")
        yield from ("-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false")
        yield from ("-sasl", "errlog_type", "error", "-os_mon", "start_memsup", "false")
        yield from ("-os_mon", "start_cpu_sup", "false", "-os_mon", "start_disksup", "false")
        yield from ("-s", "rabbit", "boot", "-eval", _CONTROL)

    def _environment(self, erlang: Path, erts: Path, rabbit: Path) -> dict[str, str]:
        node = str(self.data_dir)
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": node,
            "LC_ALL": "C.UTF-8",
            "ROOTDIR": str(erlang),
            "BINDIR": str(erts),
            "EMU": "beam",
            "PROGNAME": "erl",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_BYTES": "0",
            "RABBITMQ_HOME": str(rabbit),
            "RABBITMQ_PLUGINS_DIR": f"{node}/plugins",
            "RABBITMQ_CONFIG_FILE": f"{node}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_MNESIA_BASE": f"{node}/data",
            "RABBITMQ_LOG_BASE": f"{node}/log",
            "RABBITMQ_SCHEMA_DIR": f"{node}/schema",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{node}/config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{node}/enabled_plugins",
            "RABBITMQ_PID_FILE": f"{node}/pid",
            "RABBITMQ_FEATURE_FLAGS_FILE": f"{node}/feature_flags",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_NODENAME": "rabbit@localhost",
        }

    def _password(self) -> str:
        return kept_secret(self.home / "rabbitmq.password")


class RabbitControl:
    """Administers a running private node from any process of its owner."""

    def __init__(self, node_dir: Path, url: str) -> None:
        self._node_dir = node_dir
        self._url = url

    def evaluate(self, expressions: str) -> str:
        """The printed value of Erlang expressions (ending with a full stop), run inside the node."""
        directory = os.open(self._node_dir, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(30)
                # Through /proc, as a Unix socket's path may have no more than 107 characters.
                connection.connect(f"/proc/self/fd/{directory}/control")
                text = expressions.encode()
                connection.sendall(struct.pack("!I", len(text)) + text)
                with connection.makefile("rb") as answers:
                    (length,) = struct.unpack("!I", answers.read(4))
                    verdict, _, value = answers.read(length).decode().partition(" ")
        finally:
            os.close(directory)
        if verdict != "ok":
            raise LocalPlatformError(f"RabbitMQ could not evaluate {expressions!r}: {value}")
        return value

    def new_vhost(self, name: str) -> str:
        """An empty virtual host; returns its AMQP URL."""
        self.evaluate(
            f'ok = rabbit_vhost:add(<<"{name}">>, <<"local">>), '
            f'rabbit_auth_backend_internal:set_permissions(<<"{USER}">>, <<"{name}">>, '
            '<<".*">>, <<".*">>, <<".*">>, <<"local">>).'
        )
        return self._url.rsplit("/", 1)[0] + "/" + quote(name, safe="")

    def rabbitmqctl(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """The command line of RabbitMQ's own tool for this node, and the environment to run it in: the node's."""
        pid = (self._node_dir / "pid").read_text().strip()
        variables = Path(f"/proc/{pid}/environ").read_text().split("\0")
        environment = dict(variable.split("=", 1) for variable in variables if "=" in variable)
        command = [f"{environment['BINDIR']}/erlexec", "+B", "-noshell"]
        command += ["-boot", f"{environment['ROOTDIR']}/bin/start_clean"]
        command += ["-kernel", "inet_dist_use_interface", "{127,0,0,1}"]
        command += ["-escript", "main", "rabbitmqctl_escript", "-run", "escript", "start"]
        return [*command, "-extra", f"{environment['RABBITMQ_HOME']}/escript/rabbitmqctl", *arguments], environment

    def drop_vhost(self, name: str) -> None:
        """Delete a virtual host with all that is in it, once its queues have come to rest."""
        self.evaluate(_SETTLE_QUORUM_QUEUES.format(vhost=name))
        self.evaluate(f'rabbit_vhost:delete(<<"{name}">>, <<"local">>).')


def _installation() -> tuple[Path, Path]:
    """Erlang's root and RabbitMQ's home: the installed ones, else the unpacked ones."""
    for root in (Path("/"), None):
        base = fetch.debian_broker() if root is None else root
        erlang = base / "usr/lib/erlang"
        homes = sorted((base / "usr/lib/rabbitmq/lib").glob("rabbitmq_server-*"))
        if homes and list(erlang.glob("erts-*/bin/erlexec")):
            return erlang, homes[-1]
    raise LocalPlatformError("the fetched RabbitMQ packages have no rabbitmq_server in the usual place")


def _link_plugins(plugins: Path, chosen: Path) -> None:
    """Link what `rabbit` needs, following its .app files: with all plug-ins the boot takes 4 times as long."""
    folders = {folder.name.rsplit("-", 1)[0]: folder for folder in plugins.glob("*/")}
    shutil.rmtree(chosen, ignore_errors=True)
    chosen.mkdir()
    waiting = ["rabbit"]
    while waiting:
        folder = folders.pop(waiting.pop(), None)
        if folder is None:  # part of Erlang, or linked before
            continue
        (chosen / folder.name).symlink_to(folder)
        waiting += _applications_of(next((folder / "ebin").glob("*.app")))


def _applications_of(app: Path) -> list[str]:
    listed = re.search(r"\{\s*applications\s*,\s*\[(.*?)\]", app.read_text(), re.DOTALL)
    return re.findall(r"[a-z]\w*", listed[1]) if listed else []
