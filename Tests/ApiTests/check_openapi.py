"""Plays thousands of generated requests, right and wrong ones, against real servers, and holds each answer against
the OpenAPI document that the server shows. schemathesis makes the requests and judges the answers.

Fails if an answer is not as described, if fewer than 2,000 requests were made, or if an operation never succeeded: then
nothing but its refusals would have been tested.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

import events_client
import servers
from rest import Refused, User

CONFIGURATION = pathlib.Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
MINIMUM = 2_000
# Seconds for one run of schemathesis; a healthy one takes a fifth of it on two cores.
PATIENCE = 200


def world(url: str) -> tuple[User, dict]:
    """Makes accounts, rooms of every kind, messages and invitations; answers the caller, and where things are."""
    caller, other = User(url, "caller"), User(url, "other")
    code = "open sesame"
    crowded = caller.make_room("crowded")
    own_private = caller.make_room("mine alone", is_private=True)
    theirs = other.make_room("theirs")
    by_code = other.make_room("by code", is_private=True, access_code=code)
    hidden = other.make_room("hidden", is_private=True)
    joined = [other.make_room(f"joined {number}") for number in range(40)]
    for room in joined:
        caller.post(f"/rooms/{room}/join")
    members = [User(url, f"member{number}") for number in range(6)]
    for member in members:
        member.post(f"/rooms/{crowded}/join")
    events_client.send_messages(caller, crowded, 250)

    unseen = other.make_room("unseen", is_private=True)

    def invitation(room: int, **bounds) -> str:
        return other.post(f"/rooms/{room}/invitations", bounds)["code"]

    used_up, expired = invitation(unseen, max_uses=1), invitation(unseen, expires_in=1)
    members[0].post(f"/invitations/{used_up}/accept")
    time.sleep(1.1)
    for gone in (used_up, expired):
        try:
            members[1].post(f"/invitations/{gone}/accept")
        except Refused as refused:
            if refused.status == 410:
                continue
            raise
        raise AssertionError("an invitation that ran out was accepted")
    return caller, {
        "crowded": crowded,
        "rooms": [crowded, own_private, theirs, by_code, hidden, unseen, joined[0], joined[1]],
        "joined": joined[2:],
        "disposable_rooms": [caller.make_room(f"disposable {number}") for number in range(20)],
        "members": [member.id for member in members] + [caller.id, other.id],
        "codes": [invitation(hidden), invitation(hidden, max_uses=1000), used_up, expired],
        "disposable_codes": [caller.post(f"/rooms/{crowded}/invitations")["code"] for _ in range(20)],
        "access_code": code,
        "username": other.name,
        "password": other.PASSWORD,
        "refresh_tokens": [members[2].new_session()["refresh_token"] for _ in range(3)],
        "logout_tokens": [members[3].new_session()["refresh_token"] for _ in range(3)],
    }


def play(name: str, url: str, examples: int) -> tuple[int, bool]:
    """One run of schemathesis; prints what it found. Answers the number of requests, and whether all is well."""
    began = time.monotonic()
    caller, places = world(url)
    with tempfile.TemporaryDirectory(prefix="chat-api-") as folder:
        tally = pathlib.Path(folder) / "tally.json"
        (pathlib.Path(folder) / "world.json").write_text(json.dumps(places))
        # Before everything else in the path of modules: what the hooks import lies beside them.
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": "openapi_hooks",
            "PYTHONPATH": str(pathlib.Path(__file__).parent),
            "CHAT_API_WORLD": f"{folder}/world.json",
            "CHAT_API_TALLY": str(tally),
        }
        arguments = [
            f"{url}/openapi.json", "--header", f"Authorization: Bearer {caller.token}", "--max-examples", str(examples),
        ]
        try:
            run = subprocess.run(
                [*SCHEMATHESIS, "run", *arguments], cwd=folder, env=environment,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
            )
        except subprocess.TimeoutExpired as expired:
            print((expired.stdout or b"").decode(errors="replace"))
            print(f"FAILED  {name}: schemathesis took longer than {PATIENCE} s")
            return 0, False
        counts = json.loads(tally.read_text()) if tally.exists() else []
    requests = sum(count for *_, count in counts)
    failed = run.returncode != 0
    if failed:
        print(run.stdout + run.stderr)
    seen = collections.defaultdict(set)
    for operation, method, status, _ in counts:
        if operation.startswith(method + " "):
            seen[operation].add(status)
    never = sorted(operation for operation in operations(url) if not any(200 <= s < 300 for s in seen[operation]))
    for operation in never:
        print(f"FAILED  {name}: {operation} never succeeded, and answered {sorted(seen[operation])}")
    if any(status >= 500 for *_, status, _ in counts):
        failed = True
        print(f"FAILED  {name}: server errors: {[c for c in counts if c[2] >= 500]}")
    failed = failed or bool(never)
    statuses = sorted({status for *_, status, _ in counts})
    print(f"{'FAILED' if failed else 'ok':7} {name}: {requests} requests on {len(seen)} operations in "
          f"{time.monotonic() - began:.0f} s; answers {', '.join(map(str, statuses))}")
    return requests, not failed


def operations(url: str) -> list[str]:
    with urllib.request.urlopen(url + "/openapi.json", timeout=10) as response:
        paths = json.load(response)["paths"]
    # The document itself: it has just been read, and schemathesis leaves out what it was given.
    del paths["/openapi.json"]
    methods = ("get", "post", "put", "patch", "delete")
    return [f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in methods]


def main() -> int:
    sys.stdout.reconfigure(line_buffering=True)
    requests, well = 0, True
    for name, start, examples in (("sqlite", servers.Single, 120), ("postgres and redis", servers.Cluster, 25)):
        with start() as running:
            count, passed = play(name, running.urls[0], examples)
        requests += count
        well = well and passed
    print(f"{requests} requests in all, {MINIMUM} wanted")
    return 0 if well and requests >= MINIMUM else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Missing as missing:
        print(f"check_openapi: {missing}", file=sys.stderr)
        sys.exit(69)
