"""A client of the WebSocket that keeps every event as it came."""

import json
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from rest import User


class Socket:
    """One connection to /ws. What comes is kept in `events`, in order, and handed to `seen`."""

    def __init__(self, url: str, token: str | None, seen=None, subprotocols=None):
        query = f"?token={token}" if token else ""
        self._socket = connect(
            url.replace("http", "ws", 1) + "/ws" + query, subprotocols=subprotocols, open_timeout=10, max_size=1 << 20
        )
        self.events: list[dict] = []
        self._seen = seen or (lambda event: None)
        self._read = 0

    def send(self, event: str, **fields) -> None:
        self._socket.send(json.dumps({"event": event, **fields}))

    def send_text(self, text: str | bytes) -> None:
        """One text frame, of whatever it is."""
        self._socket.send(text, text=True)

    def send_binary(self, data: bytes) -> None:
        self._socket.send(data)

    def send_raw(self, data: bytes) -> None:
        """Bytes that are a frame, or none."""
        self._socket.socket.sendall(data)

    def wait(self, event: str, timeout: float = 10, **fields) -> dict:
        """The next event of this name, with these fields; what comes before it is passed over, and kept."""
        deadline = time.monotonic() + timeout
        while True:
            while self._read < len(self.events):
                candidate = self.events[self._read]
                self._read += 1
                if candidate.get("event") == event and fields.items() <= candidate.items():
                    return candidate
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                names = [kept.get("event") for kept in self.events]
                raise TimeoutError(f"no {event} {fields or ''} came within {timeout} s; what came: {names}")
            try:
                parsed = json.loads(self._socket.recv(timeout=remaining))
            except TimeoutError:
                continue
            self.events.append(parsed)
            self._seen(parsed)

    def close_code(self, timeout: float = 10) -> tuple[int, str]:
        """Reads until the server closes: its code and reason."""
        try:
            while True:
                self.events.append(json.loads(self._socket.recv(timeout=timeout)))
                self._seen(self.events[-1])
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "no close frame came")

    def close(self) -> None:
        self._socket.close()


def send_messages(user: User, room: int, count: int) -> None:
    """Sends messages to a room, and waits for their acks."""
    socket = Socket(user.url, user.token)
    try:
        socket.wait("ready")
        socket.send("join_room", room_id=room)
        socket.wait("room_joined")
        for number in range(count):
            socket.send("message_send", room_id=room, content=f"message {number}", client_msg_id=f"m{number}")
        for number in range(count):
            socket.wait("ack")
    finally:
        socket.close()
