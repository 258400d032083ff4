"""The servers that the API's descriptions are held against: real ChatServers, started for a test and ended with it.

CHATBENCH_SERVER and CHATBENCH_LOADGEN name other programs than those of .build/release.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Missing(Exception):
    """A program is not there, or does not start."""


def _program(name: str, variable: str) -> str:
    path = os.environ.get(variable) or str(ROOT / ".build/release" / name)
    if not os.access(path, os.X_OK):
        raise Missing(f"{path} is missing: make build makes it (or set {variable})")
    return path


def _wait_for(what: str, seconds: float, poll):
    """What `poll` answers once it is something; Missing if that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = poll()
        if answer:
            return answer
        time.sleep(0.02)
    raise Missing(f"{what} took longer than {seconds:g} s")


class Single:
    """One ChatServer on a throwaway SQLite file, on a free port, for the length of a `with`. `urls` has its one URL.

    Its limits are off unless `limits` says `default`. It must end with status 0 when it is asked to.
    """

    JWT_SECRET = "a secret of the tests, of more than 32 bytes"

    def __init__(self, limits: str = "off"):
        self._program = _program("ChatServer", "CHATBENCH_SERVER")
        self._limits = limits
        self._asked = False

    def __enter__(self) -> "Single":
        self._folder = tempfile.TemporaryDirectory(prefix="chat-api-")
        self._log = pathlib.Path(self._folder.name) / "log"
        self._shared = ["--store", f"sqlite:{self._folder.name}/chat.db", "--jwt-secret", self.JWT_SECRET]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
        with self._log.open("wb") as output:
            self._server = subprocess.Popen(
                [self._program, "serve", "--port", "0", "--limits", self._limits, *self._shared],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
            )
        try:
            self.urls = [f"http://127.0.0.1:{_wait_for('the start of ChatServer', 20, self._port)}"]
        except BaseException:
            self._server.kill()
            self._server.wait()
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.terminate()
        try:
            status = self._server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._server.kill()
            status = self._server.wait()
        log = self._log.read_text()
        self._folder.cleanup()
        if status != 0:
            raise Missing(f"ChatServer ended with status {status}:\n{log[-2000:]}")

    def terminate(self) -> None:
        """Asks it to drain, and returns at once. A second signal would cut the drain short."""
        if not self._asked and self._server.poll() is None:
            self._asked = True
            self._server.terminate()

    def expired_token(self) -> str:
        """The token of a new account, whose time is over."""
        seed = ["seed", *self._shared, "--users", "1", "--rooms", "1", "--members", "1", "--token-ttl", "1"]
        made = subprocess.run([self._program, *seed], capture_output=True, text=True, timeout=60, check=True)
        time.sleep(2)
        return next(json.loads(line)["user"]["token"] for line in made.stdout.splitlines() if '"user"' in line)

    def _port(self):
        if self._server.poll() is not None:
            raise Missing(f"ChatServer ended with status {self._server.returncode}:\n{self._log.read_text()[-2000:]}")
        for line in self._log.read_text().splitlines():
            if '"message":"listening"' in line:
                return json.loads(line)["port"]
        return None


class Cluster:
    """Two ChatServers on a throwaway Postgres and Redis, by `LoadGen stack`, for the length of a `with`."""

    def __init__(self):
        self._program = _program("LoadGen", "CHATBENCH_LOADGEN")

    def __enter__(self) -> "Cluster":
        self._folder = tempfile.TemporaryDirectory(prefix="chat-api-")
        # A name of its own, so that a stack that somebody has up stays as it is.
        self._setup = pathlib.Path(self._folder.name) / "setup.yaml"
        shipped = (ROOT / "setups/cluster-direct.yaml").read_text()
        self._setup.write_text(re.sub(r"(?m)^name: .*", f"name: api-tests-{os.getpid()}", shipped))
        up = self._stack("up")
        self.urls = re.findall(r"(?m)^ +(http://\S+)$", up.stdout)
        if up.returncode != 0 or not self.urls:
            self.__exit__()
            raise Missing(f"LoadGen stack up ended with status {up.returncode}:\n{up.stdout}{up.stderr}")
        return self

    def __exit__(self, *_) -> None:
        self._stack("down")
        self._folder.cleanup()

    def _stack(self, command: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self._program, "stack", command, "--setup", str(self._setup)], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, "CHATBENCH_HOME": str(ROOT), "NO_COLOR": "1"},
        )
