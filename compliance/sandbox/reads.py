"""What reads, and changes nothing: the key, one visitor or account, guides, the metadata schema."""

from __future__ import annotations

from typing import Final

from compliance.sandbox.aggregation import aggregate, told_by
from compliance.sandbox.answers import Answer, json_answer
from compliance.sandbox.calls import KEY_HEADER, Call
from compliance.sandbox.problems import not_found
from compliance.sandbox.records import JsonObject, account_metadata, guide_object, visitor_metadata
from compliance.sandbox.trail import Question

HOUR_MS: Final = 3_600_000
HISTORY_DAYS: Final = 180

VISITOR_FIELDS: dict[str, dict[str, str]] = {
    "agent": {"email": "string"},
    "auto": {
        "accountid": "string",
        "accountids": "list",
        "firstvisit": "time",
        "idhash": "integer",
        "lastbrowsername": "string",
        "lastupdated": "time",
        "lastvisit": "time",
    },
    "pendo": {"donotprocess": "boolean"},
}
ACCOUNT_FIELDS: dict[str, dict[str, str]] = {
    "agent": {"name": "string"},
    "auto": {"firstvisit": "time", "idhash": "integer", "lastupdated": "time", "lastvisit": "time"},
    "pendo": {"donotprocess": "boolean"},
}


def verify(call: Call) -> Answer:
    """Say that the key is valid and whether it may write."""
    return json_answer(
        {"valid": True, "writeAccess": call.at.keys.get(call.headers.get(KEY_HEADER, ""), True)}
    )


def visitor(call: Call) -> Answer:
    """Answer `GET /visitor/{id}`; 404 with an empty body when there is none."""
    call.question = Question("records", "visitor", only=call.params["id"])
    found = call.at.visitors.get(call.params["id"])
    if found is None:
        raise not_found()
    marked = found.id in call.at.do_not_process["visitor"]
    shown: JsonObject = {
        "id": found.id,
        "accountIds": list(found.accounts),
        "metadata": visitor_metadata(found, do_not_process=marked),
    }
    return json_answer(shown)


def account(call: Call) -> Answer:
    """Answer `GET /account/{id}`; 404 with an empty body when there is none."""
    call.question = Question("records", "account", only=call.params["id"])
    found = call.at.accounts.get(call.params["id"])
    if found is None:
        raise not_found()
    marked = found.id in call.at.do_not_process["account"]
    return json_answer({"id": found.id, "metadata": account_metadata(found, do_not_process=marked)})


def history(call: Call) -> Answer:
    """Answer what a visitor did in the 24 hours from `starttime` (epoch ms), within the last 180 days."""
    found = call.at.visitors.get(call.params["id"])
    if found is None:
        raise not_found()
    now = call.world.now_ms()
    start = call.query_number("starttime", now - 24 * HOUR_MS)
    oldest = max(start, now - HISTORY_DAYS * 24 * HOUR_MS)
    visits = sorted({found.first_visit, found.last_visit})
    shown = [at for at in visits if oldest <= at < start + 24 * HOUR_MS]
    return json_answer([{"ts": at, "type": "pageview", "duration": 30_000} for at in shown])


def guides(call: Call) -> Answer:
    """Answer the list of guides, or those named in `?id=a,b`."""
    wanted = ",".join(call.query.get("id", [])).split(",")
    shown = [guide_object(guide) for guide in call.at.guides.values() if wanted == [""] or guide.id in wanted]
    return json_answer(shown)


def visitor_schema(call: Call) -> Answer:
    """Answer which metadata visitors have; of several applications, each has a group of its own."""
    fields = dict(VISITOR_FIELDS)
    if call.at.custom_fields:
        fields["custom"] = dict.fromkeys(sorted(call.at.custom_fields), "string")
    fields |= {f"auto__{app}": VISITOR_FIELDS["auto"] for app in sorted(call.at.apps)}
    return json_answer(_schema(fields))


def account_schema(_call: Call) -> Answer:
    """Answer which metadata accounts have."""
    return json_answer(_schema(ACCOUNT_FIELDS))


def _schema(groups: dict[str, dict[str, str]]) -> JsonObject:
    return {
        group: {name: {"Type": kind, "DisplayName": name, "isHidden": False} for name, kind in fields.items()}
        for group, fields in groups.items()
    }


def aggregation(call: Call) -> Answer:
    """Answer the rows of a pipeline and when it began (epoch ms)."""
    started = call.world.now_ms()
    question = call.data()
    rows = aggregate(subscription=call.at, question=question)
    call.question = told_by(question=question, rows=rows)
    return json_answer({"results": rows, "startTime": started})
