"""A page about an API, from its OpenAPI document: calls by group, the forms of what they take and give.

Swagger UI and ReDoc were tried: ReDoc doesn't run under our content security policy, and Swagger UI has
hundreds of breaches of WCAG AA. This is plain HTML, for the browser's own search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .problems import MEDIA_TYPE

#: How `problems.documented` writes each cause.
PROBLEM = re.compile(r"(?P<title>.+): `urn:[a-z-]+:problem:(?P<code>[a-z-]+)`\.")
SCOPE = re.compile(r"\n\nNeeds the scope `(?P<scope>[^`]+)`\.$")
SCHEMAS = "#/components/schemas/"
FORMATS = {"date": "day", "date-time": "moment"}
OK = 300


@dataclass(frozen=True)
class Kind:
    """What a value may be: in words, with the form that it has if it is an object."""

    words: str
    form: str = ""
    after: str = ""


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a form."""

    name: str
    kind: Kind
    required: bool
    about: str
    place: str = ""


@dataclass(frozen=True, order=True)
class Cause:
    """One way in which a call says no."""

    status: int
    code: str
    title: str


@dataclass(frozen=True)
class Answer:
    """What a call answers when it says yes."""

    status: str
    kind: Kind


@dataclass(frozen=True)
class CallPage:
    """One call."""

    method: str
    path: str
    anchor: str
    summary: str
    about: str
    #: Empty where any token will do.
    scope: str
    #: Whether it takes an idempotency key.
    keyed: bool
    parameters: list[Field]
    body: Kind | None
    answers: list[Answer]
    causes: frozenset[Cause]
    #: Those that not every call, or every one with a key, has.
    own_causes: list[Cause] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """Calls about the same."""

    name: str
    anchor: str
    calls: list[CallPage]


@dataclass(frozen=True)
class Form:
    """The form of an object that is sent or answered."""

    name: str
    about: str
    fields: list[Field]


@dataclass(frozen=True)
class Reference:
    """The whole page."""

    title: str
    about: str
    groups: list[Group]
    forms: list[Form]
    #: The causes that every call has, and those that all have beside them that take an idempotency key.
    of_all: list[Cause]
    of_keyed: list[Cause]


def reference_of(document: dict[str, Any]) -> Reference:
    """The page about the API that this document describes."""
    schemas = document["components"]["schemas"]
    calls = [
        _call(method, path, told, schemas)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]
    of_all = frozenset.intersection(*(call.causes for _, call in calls))
    of_keyed = frozenset.intersection(*(call.causes for _, call in calls if call.keyed))
    groups: dict[str, list[CallPage]] = {}
    for tag, call in calls:
        shared = of_keyed if call.keyed else of_all
        call.own_causes.extend(sorted(call.causes - shared))
        groups.setdefault(tag, []).append(call)
    forms = [_form(name, schema, schemas) for name, schema in schemas.items() if "properties" in schema]
    return Reference(
        title=document["info"]["title"],
        about=document["info"]["description"],
        groups=[Group(name, _anchor(name), each) for name, each in groups.items()],
        forms=sorted(forms, key=lambda form: form.name),
        of_all=sorted(of_all),
        of_keyed=sorted(of_keyed - of_all),
    )


def _call(method: str, path: str, told: dict[str, Any], schemas: dict[str, Any]) -> tuple[str, CallPage]:
    about = told["description"]
    scope = SCOPE.search(about)
    answers = [
        Answer(str(status), _kind_of_content(answer.get("content", {}), schemas))
        for status, answer in told["responses"].items()
        if int(status) < OK
    ]
    call = CallPage(
        method=method.upper(),
        path=path,
        anchor=told["operationId"],
        summary=told["summary"],
        about=SCOPE.sub("", about),
        scope=scope["scope"] if scope else "",
        keyed=any(each["in"] == "header" for each in told.get("parameters", [])),
        # The one header that there is takes the key: the document's own text says so.
        parameters=[
            _parameter(each, schemas) for each in told.get("parameters", []) if each["in"] != "header"
        ],
        body=_kind_of_content(told["requestBody"]["content"], schemas) if "requestBody" in told else None,
        answers=answers,
        causes=frozenset(_causes(told["responses"])),
    )
    return told["tags"][0], call


def _causes(responses: dict[Any, Any]) -> list[Cause]:
    return [
        Cause(int(status), found["code"], found["title"])
        for status, answer in responses.items()
        if MEDIA_TYPE in answer.get("content", {})
        for found in PROBLEM.finditer(answer["description"])
    ]


def _parameter(told: dict[str, Any], schemas: dict[str, Any]) -> Field:
    return Field(
        name=told["name"],
        kind=_kind(told["schema"], schemas),
        required=told.get("required", False),
        about=told.get("description") or told["schema"].get("description", ""),
        place=told["in"],
    )


def _form(name: str, schema: dict[str, Any], schemas: dict[str, Any]) -> Form:
    required = schema.get("required", [])
    fields = [
        Field(each, _kind(told, schemas), each in required, told.get("description", ""))
        for each, told in schema["properties"].items()
    ]
    return Form(name, schema.get("description", ""), fields)


def _kind_of_content(content: dict[str, Any], schemas: dict[str, Any]) -> Kind:
    if "application/json" in content:
        return _kind(content["application/json"]["schema"], schemas)
    return Kind(" or ".join(content))


def _kind(schema: dict[str, Any], schemas: dict[str, Any]) -> Kind:
    """What the schema lets a value be."""
    if "$ref" in schema:
        return _named(schema["$ref"].removeprefix(SCHEMAS), schemas)
    if "allOf" in schema:
        return _kind(schema["allOf"][0], schemas)
    if "anyOf" in schema:
        return _one_of([_kind(each, schemas) for each in schema["anyOf"]])
    if schema.get("type") == "array":
        item = _kind(schema["items"], schemas)
        return Kind(f"list of {item.words}".rstrip(), item.form, item.after)
    return Kind(_words(schema))


def _named(name: str, schemas: dict[str, Any]) -> Kind:
    if "properties" in schemas[name]:
        return Kind("", form=name)
    return _kind(schemas[name], schemas)


def _one_of(kinds: list[Kind]) -> Kind:
    form = next((kind.form for kind in kinds if kind.form), "")
    if form:
        lists = any(kind.words.startswith("list of") for kind in kinds)
        return Kind("list of" if lists else "", form, " or null")
    return Kind(" or ".join(dict.fromkeys(kind.words for kind in kinds)))


def _words(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return "one of: " + ", ".join(f"“{value}”" for value in schema["enum"])
    known = FORMATS.get(schema.get("format", ""), schema.get("type", "anything"))
    least, most = schema.get("minLength"), schema.get("maxLength")
    if most is not None:
        known += f" of {least or 0} to {most:,} characters"
    if "pattern" in schema and most is None:
        known += f" like {schema['pattern']}"
    if "minimum" in schema and "maximum" in schema and schema["maximum"] < 2**53:
        known += f" from {schema['minimum']:,} to {schema['maximum']:,}"
    return str(known)


def _anchor(text: str) -> str:
    return re.sub(r"[^a-z]+", "-", text.lower()).strip("-")
