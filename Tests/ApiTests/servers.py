"""The servers that the API's descriptions are held against: real ChatServers, started for a test and ended with it.

CHATBENCH_SERVER and CHATBENCH_LOADGEN name other programs than those of .build/release.
"""

import contextlib
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


@contextlib.contextmanager
def single(**options: str):
    """One ChatServer on a throwaway SQLite file, on a free port, without rate limits. Yields its URL, in a list.

    `options` are more of its options: `drain_timeout="2"`. It must end with status 0 when it is asked to.
    """
    with tempfile.TemporaryDirectory(prefix="chat-api-") as folder:
        log = pathlib.Path(folder) / "log"
        arguments = ["--port", "0", "--store", f"sqlite:{folder}/chat.db", "--limits", "off"]
        for name, value in options.items():
            arguments += ["--" + name.replace("_", "-"), value]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CHAT_")}
        with log.open("wb") as output:
            server = subprocess.Popen(
                [_program("ChatServer", "CHATBENCH_SERVER"), "serve", *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
            )

        def port():
            if server.poll() is not None:
                raise Missing(f"ChatServer ended with status {server.returncode}:\n{log.read_text()[-2000:]}")
            for line in log.read_text().splitlines():
                if '"message":"listening"' in line:
                    return json.loads(line)["port"]
            return None

        try:
            yield [f"http://127.0.0.1:{_wait_for('the start of ChatServer', 20, port)}"]
            if server.poll() is not None:
                raise Missing(f"ChatServer ended with status {server.returncode}:\n{log.read_text()[-2000:]}")
        finally:
            server.terminate()
            try:
                status = server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()
                status = server.wait()
        if status != 0:
            raise Missing(f"ChatServer ended with status {status}:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def cluster():
    """Two ChatServers on a throwaway Postgres and Redis, by `LoadGen stack`. Yields their URLs."""
    load_gen = _program("LoadGen", "CHATBENCH_LOADGEN")
    environment = {**os.environ, "CHATBENCH_HOME": str(ROOT), "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory(prefix="chat-api-") as folder:
        # A name of its own, so that a stack that somebody has up stays as it is.
        setup = pathlib.Path(folder) / "setup.yaml"
        shipped = (ROOT / "setups/cluster-direct.yaml").read_text()
        setup.write_text(re.sub(r"(?m)^name: .*", f"name: api-tests-{os.getpid()}", shipped))

        def stack(command: str):
            return subprocess.run(
                [load_gen, "stack", command, "--setup", str(setup)], stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=120, env=environment, check=False,
            )

        try:
            up = stack("up")
            urls = re.findall(r"(?m)^ +(http://\S+)$", up.stdout)
            if up.returncode != 0 or not urls:
                raise Missing(f"LoadGen stack up ended with status {up.returncode}:\n{up.stdout}{up.stderr}")
            yield urls
        finally:
            stack("down")
