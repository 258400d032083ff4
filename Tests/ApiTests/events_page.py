"""docs/events.md out of docs/asyncapi.yaml: each event with its members and an example. `--write` makes it again."""

import json
import pathlib
import sys

from asyncapi_document import Document

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs/events.md"
HEAD = """# Events of the WebSocket

Made of [asyncapi.yaml](asyncapi.yaml) by Tests/ApiTests/events_page.py; do not edit. What the events are for, and what
is promised about them, stands in [wire.md](wire.md). A `?` marks what may be left out; ids are integers that rise with
time.
"""


def kind(document: Document, node: dict) -> str:
    """A member's type and bounds, in a few words."""
    rule = document.resolve(node)
    if "const" in rule:
        return f"`\"{rule['const']}\"`"
    if "enum" in rule:
        return ", ".join(f"`{word}`" for word in rule["enum"])
    types = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    text = " or ".join(types)
    if rule.get("format") == "date-time":
        text = "RFC 3339 time"
    if "maxLength" in rule:
        text += f", {rule['minLength']}–{rule['maxLength']} characters"
    elif rule.get("minimum", 0) > 0:
        text += f", from {rule['minimum']}"
    return text


def rows(document: Document, schema: dict, prefix: str = "") -> list[str]:
    lines = []
    for name, node in schema["properties"].items():
        rule = document.resolve(node)
        optional = "" if name in schema["required"] else "?"
        if rule.get("type") == "object":
            lines.append(f"| `{prefix}{name}{optional}` | object | |")
            lines += rows(document, rule, f"{prefix}{name}.")
            continue
        note = rule.get("description", "")
        lines.append(f"| `{prefix}{name}{optional}` | {kind(document, node)} | {note}{' ' if note else ''}|")
    return lines


def page(document: Document) -> str:
    parts = [HEAD]
    for side, title in (("client", "What a client sends"), ("server", "What the server sends")):
        parts.append(f"## {title}\n")
        schemas = getattr(document, side)
        for message in document.raw["components"]["messages"].values():
            schema = document.resolve(message["payload"])
            name = schema["properties"]["event"]["const"]
            if schemas.get(name) != message["payload"]["$ref"]:
                continue
            parts.append(f"### `{name}`\n\n{message['summary']}\n")
            lines = [line for line in rows(document, schema) if not line.startswith("| `event`")]
            if lines:
                parts.append("\n".join(["| member | type | |", "|---|---|---|", *lines]) + "\n")
            examples = [json.dumps(example["payload"], ensure_ascii=False) for example in message["examples"]]
            parts.append("```json\n" + "\n".join(examples) + "\n```\n")
    parts.append("## How a connection ends\n")
    closings = document.raw["channels"]["chat"]["x-close-codes"]
    lines = []
    for item in closings:
        reason = f"`{item['reason']}`" if item["reason"] else ""
        lines.append(f"| {item['code']} | {reason} | {item['then']} |")
    parts.append("\n".join(["| code | reason | a client should |", "|---|---|---|", *lines]) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    text = page(Document())
    if sys.argv[1:] == ["--write"]:
        PATH.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
