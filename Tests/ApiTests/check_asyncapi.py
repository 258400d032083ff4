"""Plays a chat with real servers, and holds every event against docs/asyncapi.yaml.

Fails if an event, or a close, is not as described; and if an event, a member of one, an error's code or a close's
reason that is described was never seen. The client's side is proved by breaking each rule of its schemas: the server
has to refuse what they refuse.
"""

import itertools
import json
import sys
import time

from websockets.exceptions import ConnectionClosed

import events_page
import servers
from asyncapi_document import Document
from events_client import Socket
from rest import User

# What takes half a minute of silence, a full disk or thousands of sockets; the server's own tests provoke these.
UNSEEN_CODES = {"forbidden", "overloaded", "internal_error"}
UNSEEN_CLOSINGS = {(1001, "ping_timeout"), (1011, ""), (1013, "slow_consumer"), (1013, "over_capacity")}
# RFC 6455 section 5, broken in each way; the masks are all zero.
MASK = bytes(4)
BROKEN_FRAMES = [
    (b"\xc1\x80" + MASK, "reserved bits set"),
    (b"\x83\x80" + MASK, "reserved opcode"),
    (b"\x09\x80" + MASK, "fragmented control frame"),
    (b"\x89\xfe\x00\x7e" + MASK + bytes(126), "control frame over 125 bytes"),
    (b"\x81\x00", "wrong masking"),
    (b"\x80\x80" + MASK, "continuation of nothing"),
    (b"\x01\x80" + MASK + b"\x81\x80" + MASK, "new message inside a fragmented one"),
    (b"\x88\x81" + MASK + b"\x03", "bad close frame"),
]


class Record:
    """What was seen, and what was wrong with it."""

    def __init__(self, document: Document):
        self.document = document
        self.count = 0
        self.members: set[str] = set()
        self.codes: set[str] = set()
        self.closings: set[tuple[int, str]] = set()
        self.refusals = 0
        self.wrong: list[str] = []

    def take(self, event: dict) -> None:
        self.count += 1
        name = event.get("event")
        self.wrong += [f"{name}: {text}: {event}" for text in self.document.problems("server", event)]
        for member, value in event.items():
            self.members.add(f"{name}.{member}")
            if isinstance(value, dict):
                self.members |= {f"{name}.{member}.{inner}" for inner in value}
        if name == "error":
            self.codes.add(event.get("code"))

    def closed(self, socket: Socket, code: int, reason: str) -> None:
        """The socket must be closed with just this."""
        found = socket.close_code()
        self.closings.add(found)
        if found != (code, reason):
            self.wrong.append(f"closed with {found}, and not with {(code, reason)}")

    def missing(self) -> list[str]:
        document = self.document
        members = set().union(*(document.members(event) for event in document.server))
        codes = set(document.raw["components"]["schemas"]["ErrorCode"]["enum"]) - UNSEEN_CODES
        return (
            [f"{member} was never seen" for member in sorted(members - self.members)]
            + [f"no error had the code {code}" for code in sorted(codes - self.codes)]
            + [f"no close had {closing}" for closing in sorted(document.closings - UNSEEN_CLOSINGS - self.closings)]
            + [f"a close had {closing}, which is not described" for closing in self.closings - document.closings]
        )


class Chat:
    """Two users, each on an instance of their own where there are two."""

    def __init__(self, urls: list[str], record: Record):
        self.record = record
        self.here, self.there = urls[0], urls[-1]
        self.ada, self.grace = User(self.here, "ada"), User(self.there, "grace")
        self.numbers = itertools.count()

    def open(self, url: str, token: str | None, **options) -> Socket:
        return Socket(url, token, self.record.take, **options)

    def signed_in(self, user: User) -> Socket:
        socket = self.open(user.url, user.token)
        socket.wait("ready", user_id=user.id)
        return socket

    def join(self, socket: Socket, room: int, **fields) -> dict:
        self.send(socket, "join_room", room_id=room, **fields)
        return socket.wait("room_joined", room_id=room)

    def send(self, socket: Socket, event: str, **fields) -> None:
        """Sends what the document allows, and nothing else."""
        problems = self.record.document.problems("client", {"event": event, **fields})
        self.record.wrong += [f"what was sent: {event}: {text}" for text in problems]
        socket.send(event, **fields)

    def say(self, socket: Socket, room: int, content: str, **fields) -> dict:
        identifier = f"m{next(self.numbers)}"
        self.send(socket, "message_send", room_id=room, content=content, client_msg_id=identifier, **fields)
        return socket.wait("ack", client_msg_id=identifier)

    # --- What is described ---

    def opening(self) -> None:
        by_subprotocol = self.open(self.here, None, subprotocols=["chat.v1", f"bearer.{self.ada.token}"])
        by_subprotocol.wait("ready")
        by_subprotocol.close()
        by_message = self.open(self.here, None)
        self.send(by_message, "join_room", room_id=1)
        by_message.wait("error", code="unauthorized", room_id=1)
        self.send(by_message, "authenticate", token=self.ada.token)
        by_message.wait("ready")
        # Again, to renew it.
        self.send(by_message, "authenticate", token=self.ada.new_session()["access_token"])
        by_message.wait("ready")
        by_message.close()

    def talking(self) -> None:
        ada, grace = self.signed_in(self.ada), self.signed_in(self.grace)
        room = self.ada.make_room("lobby")
        self.join(ada, room)
        self.join(grace, room)
        ada.wait("user_joined", user_id=self.grace.id)
        traced = self.say(ada, room, "hello", trace=True)
        grace.wait("message", seq=traced["seq"])
        self.send(grace, "message_send", room_id=room, content="once", client_msg_id="again")
        first = grace.wait("ack", client_msg_id="again")
        self.send(grace, "message_send", room_id=room, content="once", client_msg_id="again")
        second = grace.wait("ack", client_msg_id="again")
        if (first["duplicate"], second["duplicate"], first["seq"]) != (False, True, second["seq"]):
            self.record.wrong.append(f"sent twice, and acked with {first} and {second}")
        self.send(grace, "typing", room_id=room)
        ada.wait("typing", user_id=self.grace.id)
        for t in (17, -2.5, "now"):
            self.send(ada, "ping", t=t)
            ada.wait("pong", t=t)
        self.send(ada, "ping")
        ada.wait("pong")
        # The longest content, of scalars that are four bytes each.
        self.say(ada, room, "\U0001f600" * 4000)
        last = self.say(ada, room, "before the break")["seq"]
        epoch = ada.events[0]["epoch"]
        grace.close()
        ada.wait("user_left", user_id=self.grace.id)
        missed = [self.say(ada, room, f"missed {number}")["seq"] for number in range(3)]
        grace = self.signed_in(self.grace)
        if not self.join(grace, room, after_seq=last, epoch=epoch)["recovered"]:
            self.record.wrong.append("a join after a reconnect did not recover")
        for seq in missed:
            grace.wait("message", seq=seq)
        if self.join(grace, room, after_seq=last, epoch="another")["recovered"]:
            self.record.wrong.append("a join of another epoch recovered")
        self.send(grace, "leave_room", room_id=room)
        grace.wait("room_left", room_id=room, reason="left")
        self.join(grace, room)
        self.grace.post(f"/rooms/{room}/leave")
        grace.wait("room_left", room_id=room, reason="left")
        self.join(grace, room)
        self.ada.delete(f"/rooms/{room}/members/{self.grace.id}")
        grace.wait("room_left", room_id=room, reason="removed")
        self.join(grace, room)
        self.ada.patch(f"/rooms/{room}", {"name": "another"})
        grace.wait("room_updated", room_id=room, name="another")
        self.ada.delete(f"/rooms/{room}")
        grace.wait("room_left", room_id=room, reason="deleted")
        ada.wait("room_left", room_id=room, reason="deleted")
        ada.close()
        grace.close()

    def refusals(self) -> None:
        """What is no event at all; then every rule of every client event's schema, broken by itself."""
        socket = self.signed_in(self.ada)
        room = self.ada.make_room("refusals")
        hidden = self.grace.make_room("by code", is_private=True, access_code="open sesame")
        self.join(socket, room)
        for text, code in (
            ("nonsense", "malformed_json"), ("[]", "invalid_event"), ('{"event":"dance"}', "unknown_event"),
            ('{"event":7}', "invalid_event"), ('{"event":"ping","event":"ping"}', "invalid_event"),
        ):
            self.refused(socket, text, code)
        self.send(socket, "message_send", room_id=hidden, content="hello", client_msg_id="m")
        socket.wait("error", code="not_joined", room_id=hidden, client_msg_id="m")
        self.send(socket, "join_room", room_id=1 << 60)
        socket.wait("error", code="room_not_found", room_id=1 << 60)
        self.send(socket, "join_room", room_id=hidden, access_code="close sesame")
        socket.wait("error", code="wrong_access_code", room_id=hidden)
        valid = {"room_id": room, "content": "hello", "client_msg_id": "valid", "token": self.ada.token}
        for event in self.record.document.client:
            schema = self.record.document.schema("client", event)
            whole = {"event": event} | {name: valid[name] for name in schema["required"] if name in valid}
            for broken, code in self.broken(schema, whole):
                self.refused(socket, broken, code)
        # It lives on after all of them.
        self.say(socket, room, "still here")
        socket.close()

    def broken(self, schema: dict, whole: dict):
        """Each way of breaking one rule of the schema, and the code of the error that has to follow."""
        document = self.record.document
        for name in schema["required"]:
            yield {key: value for key, value in whole.items() if key != name}, "invalid_event"
        for name, node in schema["properties"].items():
            rule = document.resolve(node)
            yield whole | {name: {"of": "no type that is allowed"}}, "invalid_event"
            if rule.get("type") == "integer":
                yield whole | {name: 1.5}, "invalid_event"
                yield whole | {name: "1"}, "invalid_event"
            if "null" not in rule.get("type", ["null"]):
                yield whole | {name: None}, "invalid_event"
            if "minLength" in rule:
                yield whole | {name: "x" * (rule["minLength"] - 1)}, "validation_failed"
            if "maxLength" in rule:
                yield whole | {name: "x" * (rule["maxLength"] + 1)}, "validation_failed"
            if "\\u0000" in rule.get("pattern", ""):
                yield whole | {name: "a\0b"}, "validation_failed"
            # An id of no room is a room that is not there; other numbers have bounds.
            if "minimum" in rule and name != "room_id":
                yield whole | {name: rule["minimum"] - 1}, "validation_failed"

    def refused(self, socket: Socket, event: dict | str, code: str) -> None:
        if isinstance(event, str):
            socket.send_text(event)
        else:
            if not self.record.document.problems("client", event):
                self.record.wrong.append(f"the document allows what it should not: {event}")
            socket.send_text(json.dumps(event))
        self.record.refusals += 1
        answer = socket.wait("error")
        if answer["code"] != code:
            self.record.wrong.append(f"{str(event)[:200]} was refused with {answer}, and not with {code}")

    def closings(self) -> None:
        silent = self.open(self.here, None)
        self.record.closed(self.open(self.here, "no.good.token"), 1008, "token_invalid")
        for text, code, reason in (
            (b"\xff", 1007, "text is not UTF-8"), (b"x" * 65_537, 1009, "frame over 65536 bytes"),
        ):
            socket = self.signed_in(self.ada)
            socket.send_text(text)
            self.record.closed(socket, code, reason)
        whole = self.signed_in(self.ada)
        frame = b'{"event":"ping","t":"' + b"x" * (65_536 - 23) + b'"}'
        whole.send_text(frame)
        whole.wait("pong")
        whole.send_binary(b"{}")
        self.record.closed(whole, 1003, "binary frames are not accepted")
        for frames, reason in BROKEN_FRAMES:
            socket = self.signed_in(self.ada)
            socket.send_raw(frames)
            self.record.closed(socket, 1002, reason)
        socket = self.signed_in(self.ada)
        self.send(socket, "authenticate", token=self.grace.token)
        self.record.closed(socket, 1008, "token_of_another_user")
        session = self.ada.new_session()
        socket = self.open(self.there, session["access_token"])
        socket.wait("ready")
        self.ada.post("/auth/logout", {"refresh_token": session["refresh_token"]})
        self.record.closed(socket, 1008, "token_revoked")
        self.record.closed(silent, 1008, "token_missing")

    def play(self) -> None:
        self.opening()
        self.talking()
        self.refusals()
        self.closings()


def limits(record: Record) -> None:
    """What only a server with rate limits says."""
    with servers.Single(limits="default") as server:
        chat = Chat(server.urls, record)
        hidden = chat.grace.make_room("by code", is_private=True, access_code="open sesame")
        socket = chat.signed_in(chat.ada)
        for _ in range(6):
            chat.send(socket, "join_room", room_id=hidden, access_code="a guess")
            answer = socket.wait("error")
        if answer["code"] != "rate_limited" or "retry_after_ms" not in answer:
            record.wrong.append(f"the sixth guess of a code was refused with {answer}")
        try:
            for _ in range(3000):
                socket.send("ping")
        except ConnectionClosed:
            pass
        record.closed(socket, 1013, "rate_limited")


def one_server(record: Record) -> None:
    with servers.Single() as server:
        chat = Chat(server.urls, record)
        chat.play()
        record.closed(chat.open(chat.here, server.expired_token()), 1008, "token_expired")
        socket = chat.signed_in(chat.ada)
        server.terminate()
        record.closed(socket, 1001, "draining")


def two_servers(record: Record) -> None:
    with servers.Cluster() as cluster:
        Chat(cluster.urls, record).play()


def main() -> int:
    sys.stdout.reconfigure(line_buffering=True)
    began = time.monotonic()
    document = Document()
    failures = document.mistakes()
    if events_page.PATH.read_text(encoding="utf-8") != events_page.page(document):
        failures.append("docs/events.md is not what docs/asyncapi.yaml makes: events_page.py --write makes it again")
    record = Record(document)
    for play in (one_server, two_servers, limits):
        try:
            play(record)
        except TimeoutError as error:
            failures.append(f"{play.__name__}: {error}")
    failures += record.wrong + record.missing()
    for failure in failures[:50]:
        print(f"FAILED  {failure[:400]}")
    print(f"{'FAILED' if failures else 'ok':7} {record.count} events of {len(document.server)} kinds, "
          f"{len(record.members)} members, {record.refusals} refusals, {len(record.closings)} ways of closing, "
          f"in {time.monotonic() - began:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Missing as missing:
        print(f"check_asyncapi: {missing}", file=sys.stderr)
        sys.exit(69)
