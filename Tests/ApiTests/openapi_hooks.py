"""What schemathesis loads beside the document: hooks that lead its requests to things that exist, and the tally.

Half of the valid requests keep the ids that were generated, so that what does not exist is asked for as well. What is
put in depends on the request alone, so that a request that is made again is the same.
"""

import atexit
import collections
import hashlib
import json
import os

import schemathesis

with open(os.environ["CHAT_API_WORLD"], encoding="utf-8") as _file:
    WORLD = json.load(_file)
TALLY = collections.Counter()


def _write_tally() -> None:
    with open(os.environ["CHAT_API_TALLY"], "w", encoding="utf-8") as file:
        json.dump([[*key, count] for key, count in TALLY.items()], file)


atexit.register(_write_tally)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Undocumented members of an answer are a mistake here, though clients have to tolerate them."""
    for schema in raw_schema["components"]["schemas"].values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False


def _number(case, salt: str) -> int:
    """A number that depends on the request alone."""
    text = repr((salt, case.operation.label, case.path_parameters, case.query, case.body))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def _pick(case, kind: str):
    values = WORLD[kind]
    return values[_number(case, kind) % len(values)]


def _put_ids(case) -> None:
    parameters = case.path_parameters
    path = case.operation.path
    if "code" in parameters:
        parameters["code"] = _pick(case, "disposable_codes" if case.operation.method == "DELETE" else "codes")
    if "user_id" in parameters:
        parameters["id"] = WORLD["crowded"]
        parameters["user_id"] = _pick(case, "members")
    elif path == "/rooms/{id}" and case.operation.method == "DELETE":
        parameters["id"] = _pick(case, "disposable_rooms")
    elif path.endswith("/leave"):
        parameters["id"] = _pick(case, "joined")
    elif "{code}" in path and "id" in parameters:
        parameters["id"] = WORLD["crowded"]
    elif "id" in parameters:
        parameters["id"] = _pick(case, "rooms")


def _whole(value):
    """Without numbers as 379.0: an integer for JSON Schema, and none for this server, whose integers have no point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    valid = not any(component.mode.is_negative for component in case.meta.components.values()) if case.meta else True
    stateful = case.meta is not None and case.meta.phase.name.value == "stateful"
    # Left untouched where nothing changes: schemathesis judges anew whether a case that was changed is a right one.
    if repr(whole := _whole(case.body)) != repr(case.body):
        case.body = whole
    # OpenAPI has no word for two parameters of which one may be given.
    if case.query and "before_seq" in case.query and "after_seq" in case.query:
        del case.query["after_seq"]
    # A generated id may be that of a room that the other requests need.
    if case.operation.label == "DELETE /rooms/{id}" and str(case.path_parameters["id"]) in map(str, WORLD["rooms"]):
        case.path_parameters["id"] = _pick(case, "disposable_rooms")
    if not valid or _number(case, "whether") % 2 == 0:
        return
    if case.path_parameters and not stateful:
        _put_ids(case)
    path = case.operation.path
    if isinstance(case.body, dict):
        if path == "/auth/refresh":
            case.body["refresh_token"] = _pick(case, "refresh_tokens")
        elif path == "/auth/logout":
            case.body["refresh_token"] = _pick(case, "logout_tokens")
        elif path == "/auth/login":
            case.body |= {"username": WORLD["username"], "password": WORLD["password"]}
        elif path == "/rooms/{id}/join":
            case.body["access_code"] = WORLD["access_code"]


@schemathesis.hook
def after_call(context, case, response):
    TALLY[(case.operation.label, case.method, response.status_code)] += 1
