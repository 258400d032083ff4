"""Somebody without a browser: speaks REST and the WebSocket, to prepare what a browser is to show."""

import contextlib
import json
import secrets
import urllib.error
import urllib.request

import websocket

PASSWORD = "correct horse battery"


class Refused(Exception):
    """An answer that is an error; `status` and the problem's `code`."""

    def __init__(self, status, code):
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


def name(stem):
    """A username that nobody has yet."""
    return f"{stem}-{secrets.token_hex(3)}"


class Person:
    def __init__(self, url, username, register=True):
        self.url = url
        self.username = username
        answer = self.call("POST", f"/auth/{'register' if register else 'login'}", username=username, password=PASSWORD)
        self.token = answer["access_token"]
        self.refresh_token = answer["refresh_token"]
        self.id = answer["user"]["id"]

    def call(self, method, path, **body):
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("content-type", "application/json")
        if hasattr(self, "token"):
            request.add_header("authorization", f"Bearer {self.token}")
        data = json.dumps(body).encode() if body or method == "POST" else None
        try:
            with urllib.request.urlopen(request, data, timeout=15) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, (json.loads(error.read() or b"{}")).get("code")) from None
        return json.loads(text) if text else None

    def room(self, room_name, **options):
        return self.call("POST", "/rooms", name=room_name, **options)["id"]

    def invite(self, room_id):
        return self.call("POST", f"/rooms/{room_id}/invitations")["code"]

    def accept(self, code):
        self.call("POST", f"/invitations/{code}/accept")

    def history(self, room_id, after=0):
        """All messages after `after`."""
        messages = []
        while True:
            page = self.call("GET", f"/rooms/{room_id}/messages?limit=200&after_seq={messages[-1]['seq'] if messages else after}")
            messages += page["messages"]
            if not page["has_more"]:
                return messages

    @contextlib.contextmanager
    def present(self, room_id):
        """Is seen in the room as online meanwhile, for half a minute at most: nobody answers the server's pings."""
        socket = self._connect()
        try:
            socket.send(json.dumps({"event": "join_room", "room_id": room_id}))
            while json.loads(socket.recv())["event"] != "room_joined":
                pass
            yield
        finally:
            socket.close()

    def _connect(self):
        return websocket.create_connection(
            self.url.replace("http", "ws", 1) + "/ws", timeout=30, subprotocols=["chat.v1", f"bearer.{self.token}"]
        )

    def say(self, room_id, contents):
        """Sends them in order, and returns when all are stored."""
        socket = self._connect()
        try:
            socket.send(json.dumps({"event": "join_room", "room_id": room_id}))
            waiting, contents, asked = 0, list(contents), 0
            while contents or waiting:
                while contents and waiting < 64:
                    event = {"event": "message_send", "room_id": room_id, "content": contents.pop(0)}
                    socket.send(json.dumps(event | {"client_msg_id": secrets.token_hex(8)}))
                    waiting += 1
                    asked += 1
                event = json.loads(socket.recv())
                if event["event"] == "ack":
                    waiting -= 1
                elif event["event"] == "error":
                    raise RuntimeError(f"message {asked - waiting} was refused: {event}")
        finally:
            socket.close()
