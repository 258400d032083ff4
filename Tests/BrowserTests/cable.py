"""A cable between a browser and a server, that can be pulled and put back."""

import contextlib
import socket
import threading


class Cable:
    """Forwards TCP from `url` to the server at `port`. While it is pulled, connections end and none is made."""

    def __init__(self, port):
        self._target = ("127.0.0.1", port)
        self._open = set()
        self._lock = threading.Lock()
        self._is_pulled = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self):
        with self._lock:
            self._is_pulled = True
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def put_back(self):
        with self._lock:
            self._is_pulled = False

    def close(self):
        self.pull()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near):
        with self._lock:
            if self._is_pulled:
                near.close()
                return
            try:
                far = socket.create_connection(self._target, timeout=5)
            except OSError:
                near.close()
                return
            far.settimeout(None)
            self._open.update((near, far))
        back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
        back.start()
        self._pump(near, far)
        back.join()
        with self._lock:
            self._open.difference_update((near, far))
        near.close()
        far.close()

    @staticmethod
    def _pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
