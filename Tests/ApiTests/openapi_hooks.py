"""What schemathesis loads beside the document: hooks that lead its requests to things that exist, and the tally.

Every second valid request of an operation keeps the ids that were generated, so that what does not exist is asked for
as well. The others take what exists in turn; a request that is made again is the same as before.
"""

import atexit
import collections
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


class Turn:
    """Whose turn it is, for a request as it was generated: equal requests of an operation have the same turn."""

    _given = collections.defaultdict(dict)

    def __init__(self, case):
        given = self._given[case.operation.label]
        self._number = given.setdefault(repr((case.path_parameters, case.query, case.body)), len(given))

    def leads_to_what_exists(self) -> bool:
        return self._number % 2 == 0

    def pick(self, kind: str):
        values = WORLD[kind]
        return values[self._number // 2 % len(values)]


def _put_ids(case, turn: Turn) -> None:
    parameters = case.path_parameters
    path = case.operation.path
    if "code" in parameters:
        parameters["code"] = turn.pick("disposable_codes" if case.operation.method.upper() == "DELETE" else "codes")
    if "user_id" in parameters:
        parameters["id"] = WORLD["crowded"]
        parameters["user_id"] = turn.pick("members")
    elif path == "/rooms/{id}" and case.operation.method.upper() == "DELETE":
        parameters["id"] = turn.pick("disposable_rooms")
    elif path.endswith("/leave"):
        parameters["id"] = turn.pick("joined")
    elif "{code}" in path and "id" in parameters:
        parameters["id"] = WORLD["crowded"]
    elif "id" in parameters:
        parameters["id"] = turn.pick("rooms")


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
    turn = Turn(case)
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
        case.path_parameters["id"] = turn.pick("disposable_rooms")
    if not valid or not turn.leads_to_what_exists():
        return
    if case.path_parameters and not stateful:
        _put_ids(case, turn)
    path = case.operation.path
    if isinstance(case.body, dict):
        if path == "/auth/refresh":
            case.body["refresh_token"] = turn.pick("refresh_tokens")
        elif path == "/auth/logout":
            case.body["refresh_token"] = turn.pick("logout_tokens")
        elif path == "/auth/login":
            case.body |= {"username": WORLD["username"], "password": WORLD["password"]}
        elif path == "/rooms/{id}/join":
            case.body["access_code"] = WORLD["access_code"]


@schemathesis.hook
def after_call(context, case, response):
    TALLY[(case.operation.label, case.method, response.status_code)] += 1
