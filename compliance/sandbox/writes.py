"""What changes something: bulk deletes and their receipts, Do Not Process, guide resets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.sandbox import bulk_delete, resets
from compliance.sandbox.answers import Answer, json_answer
from compliance.sandbox.deletions import receipt
from compliance.sandbox.problems import not_found
from compliance.sandbox.trail import Question

if TYPE_CHECKING:
    from compliance.sandbox.calls import Call
    from compliance.sandbox.records import Kind


def delete_visitors(call: Call) -> Answer:
    """Answer `POST /bulkdelete/visitor` with the id of the deletion request."""
    return _delete(call, "visitor")


def delete_accounts(call: Call) -> Answer:
    """Answer `POST /bulkdelete/account`. Its visitors stay: no page says that they go with it."""
    return _delete(call, "account")


def _delete(call: Call, kind: Kind) -> Answer:
    request = bulk_delete.request_deletion(
        world=call.world, subscription=call.at, kind=kind, ids=call.arguments().get(f"{kind}s")
    )
    return json_answer({"id": request.id})


def open_deletions(call: Call) -> Answer:
    """Answer the deletion requests that aren't completed."""
    call.question = Question("open")
    names_ids = call.world.settings.names_ids
    with call.world.lock:
        return json_answer([receipt(each, names_ids=names_ids) for each in call.at.deletions.open()])


def one_deletion(call: Call) -> Answer:
    """Answer one deletion request, completed or not; 404 with an empty body when there is none."""
    request = call.at.deletions.all.get(call.params["id"])
    if request is None:
        raise not_found()
    with call.world.lock:
        return json_answer(receipt(request, names_ids=call.world.settings.names_ids))


def mark_visitor(call: Call) -> Answer:
    """Answer the setting of a visitor's Do Not Process."""
    return _mark(call, "visitor")


def mark_account(call: Call) -> Answer:
    """Answer the setting of an account's Do Not Process."""
    return _mark(call, "account")


def _mark(call: Call, kind: Kind) -> Answer:
    bulk_delete.set_do_not_process(
        world=call.world, subscription=call.at, kind=kind, record_id=call.params["id"], value=call.data()
    )
    return json_answer({})


def reset_for_visitor(call: Call) -> Answer:
    """Answer the reset of one guide for one visitor."""
    resets.reset_guide_for_visitor(
        world=call.world,
        subscription=call.at,
        guide_id=call.params["guide"],
        visitor_id=call.params["visitor"],
    )
    return json_answer({})


def reset_all_for_visitor(call: Call) -> Answer:
    """Answer the reset of all guides for one visitor."""
    resets.reset_all_guides_for_visitor(
        world=call.world, subscription=call.at, visitor_id=call.params["visitor"]
    )
    return json_answer({})


def reset_guide(call: Call) -> Answer:
    """Answer the wiping of one staged guide for everybody."""
    resets.reset_staged_guide(world=call.world, subscription=call.at, guide_id=call.params["guide"])
    return json_answer({})


def reset_staged(call: Call) -> Answer:
    """Answer the wiping of all staged guides for everybody."""
    resets.reset_all_staged_guides(world=call.world, subscription=call.at)
    return json_answer({})
