"""What the OpenAPI document says of messages, and samples of them: invented, in exactly their form."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from .event_types import TEST, EventType
from .message_schemas import SHAPES

if TYPE_CHECKING:
    from pydantic import BaseModel

REF = "#/components/schemas/{model}"
SAMPLE_AT = dt.datetime(2026, 11, 4, 9, 30, tzinfo=dt.UTC)
HEADERS = {
    "webhook-id": "The message's id: the same in each repetition.",
    "webhook-timestamp": "When it is sent, in seconds since 1970.",
    "webhook-signature": "Signatures by the secrets in use, separated by spaces (Standard Webhooks).",
}


def sample(event_type: str) -> dict[str, Any]:
    """An invented message of the type."""
    shape = SHAPES[event_type]
    return {
        "id": "evt_00000000000000000000000000000000",
        "type": str(event_type),
        "timestamp": SAMPLE_AT.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": shape(**_examples(shape)).model_dump(mode="json"),
    }


def schemas_of_messages() -> dict[str, Any]:
    """The forms of what messages say, by name."""
    schemas: dict[str, Any] = {}
    for shape in SHAPES.values():
        schema = shape.model_json_schema(ref_template=REF)
        schemas |= {**schema.pop("$defs", {}), shape.__name__: schema}
    return schemas


def webhooks_sent() -> dict[str, Any]:
    """The webhooks of an OpenAPI 3.1 document."""
    told = {each.value: each.label for each in EventType} | {TEST: "Somebody tries whether messages arrive."}
    return {event_type: {"post": _sent(event_type, means)} for event_type, means in told.items()}


def message_schema(event_type: str) -> dict[str, Any]:
    """The JSON schema of a whole message."""
    return {
        "type": "object",
        "required": ["id", "type", "timestamp", "data"],
        "properties": {
            "id": {"type": "string", "pattern": "^evt_[0-9a-f]{32}$"},
            "type": {"const": event_type},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"$ref": REF.format(model=SHAPES[event_type].__name__)},
        },
    }


def _sent(event_type: str, means: str) -> dict[str, Any]:
    content = {"schema": message_schema(event_type), "example": sample(event_type)}
    return {
        "summary": means,
        "operationId": f"told_{event_type.replace('.', '_')}",
        "tags": ["Webhooks"],
        "parameters": [
            {
                "in": "header",
                "name": name,
                "required": True,
                "schema": {"type": "string"},
                "description": says,
            }
            for name, says in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {
            "2XX": {"description": "Taken. Anything else is sent again later."},
            "410": {"description": "Nobody wants these any more: nothing further is sent."},
        },
    }


def _examples(shape: type[BaseModel]) -> dict[str, Any]:
    """The first example of each field; where a field lists its values, the first one."""
    properties = shape.model_json_schema()["properties"]
    return {
        name: said["examples"][0] if "examples" in said else _first_value(said)
        for name, said in properties.items()
    }


def _first_value(said: dict[str, Any]) -> Any:
    return said["enum"][0] if "enum" in said else False


#: An invented message of each type.
SAMPLES = {each.value: sample(each.value) for each in EventType}
