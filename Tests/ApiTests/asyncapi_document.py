"""docs/asyncapi.yaml, read: whether it is AsyncAPI 3.0, and the schema of each event."""

import copy
import pathlib
import warnings

import yaml
from jsonschema import Draft7Validator

with warnings.catch_warnings():
    # Of its own fields' names.
    warnings.simplefilter("ignore")
    from asyncapi3 import AsyncAPI3

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs/asyncapi.yaml"


class Document:
    """The document, and what it says of each event.

    `client` and `server` are the schemas of the events that each side sends, by the event's name. What a server sends
    may have no other members than those that are described: clients have to tolerate others, a test has not.
    """

    def __init__(self):
        self.raw = yaml.safe_load(PATH.read_text(encoding="utf-8"))
        AsyncAPI3.model_validate(self.raw)
        self._strict = copy.deepcopy(self.raw["components"])
        for schema in self._strict["schemas"].values():
            if schema.get("type") == "object":
                schema["additionalProperties"] = False
        self.client, self.server = {}, {}
        self._examples = []
        for operation in self.raw["operations"].values():
            receives = operation["action"] == "receive"
            self._take(operation["messages"], self.client if receives else self.server)
            self._take(operation.get("reply", {}).get("messages", []), self.server)
        self.closings = {(item["code"], item["reason"]) for item in self.raw["channels"]["chat"]["x-close-codes"]}

    def resolve(self, node: dict) -> dict:
        """What a `$ref` stands for; anything else is itself."""
        while "$ref" in node:
            target = self.raw
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def problems(self, side: str, event: dict) -> list[str]:
        """What is wrong with an event that a side, `client` or `server`, has sent."""
        name = event.get("event")
        schema = getattr(self, side).get(name) if isinstance(name, str) else None
        if schema is None:
            return [f"no event of the {side} is described that is called {name!r}"]
        whole = {"$ref": schema, "components": self._strict}
        return [f"{error.json_path}: {error.message}" for error in Draft7Validator(whole).iter_errors(event)]

    def schema(self, side: str, event: str) -> dict:
        return self.resolve({"$ref": getattr(self, side)[event]})

    def members(self, event: str) -> set[str]:
        """The members of a server's event, nested ones with a dot: what has to be seen for the event to be known."""
        found = set()
        for name, node in self.schema("server", event)["properties"].items():
            found.add(f"{event}.{name}")
            found |= {f"{event}.{name}.{inner}" for inner in self.resolve(node).get("properties", {})}
        return found

    def mistakes(self) -> list[str]:
        """What is wrong with the document itself."""
        found = []
        for schema in self._strict["schemas"].values():
            Draft7Validator.check_schema(schema)
        used = set(self.client.values()) | set(self.server.values())
        for key, message in self.raw["components"]["messages"].items():
            if message["payload"]["$ref"] not in used:
                found.append(f"no operation uses the message {key}")
            if not message.get("examples"):
                found.append(f"the message {key} has no example")
            side = "client" if message["payload"]["$ref"] in self.client.values() else "server"
            for example in message.get("examples", []):
                found += [f"the example of {key}: {text}" for text in self.problems(side, example["payload"])]
        return found

    def _take(self, references: list[dict], side: dict) -> None:
        for reference in references:
            payload = self.resolve(reference)["payload"]
            side[self.resolve(payload)["properties"]["event"]["const"]] = payload["$ref"]
