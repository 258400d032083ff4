"""A cluster of real processes, started by LoadGen: two ChatServers behind HAProxy, with PostgreSQL and Redis."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOADGEN = ROOT / ".build" / "release" / "LoadGen"

# A name of its own: a stack that somebody has up on this machine is left alone.
SETUP = """\
name: {name}
instances: 2
store: postgres
broker: redis
balancer: {{kind: haproxy, policy: round-robin}}
"""


class Stack:
    """Up from `start` to `stop`. `url` is the balancer's."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="chatbench-browser-")
        self._setup = os.path.join(self._folder.name, "browser.yaml")
        self.url = None

    def start(self):
        name = f"browser-{os.getpid()}"
        with open(self._setup, "w", encoding="utf-8") as file:
            file.write(SETUP.format(name=name))
        try:
            self._loadgen("up")
            self.url = f"http://127.0.0.1:{self.parts()['haproxy']['port']}"
        except BaseException:
            self.stop()
            raise

    def stop(self):
        subprocess.run([LOADGEN, "stack", "down", "--setup", self._setup], timeout=60, check=False, capture_output=True)
        self._folder.cleanup()

    def parts(self):
        """By name: {pid, port, state}."""
        parts = {}
        for line in self._loadgen("status", check=False).splitlines():
            row = re.fullmatch(r"\s+(\S+)\s+(\d+)\s+(\d+)\s+(.+)", line)
            if row:
                parts[row[1]] = {"pid": int(row[2]), "port": int(row[3]), "state": row[4].strip()}
        return parts

    def kill(self, part):
        os.kill(self.parts()[part]["pid"], signal.SIGKILL)

    def _loadgen(self, command, check=True):
        run = subprocess.run(
            [LOADGEN, "stack", command, "--setup", self._setup], timeout=120, check=False, capture_output=True, text=True
        )
        if check and run.returncode != 0:
            raise RuntimeError(f"stack {command} ended with {run.returncode}: {run.stderr}{run.stdout}")
        return run.stdout
