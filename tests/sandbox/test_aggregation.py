import json

import pytest

from compliance.sandbox import sources
from compliance.sandbox.records import Account
from compliance.sandbox.shelf import Shelf

IGNORE = {"visitors": {"blacklist": "ignore"}}


def shown(rows):
    return [row["visitorId"] for row in rows]


def test_pages_by_rising_id_show_every_visitor_once(aggregate, ids):
    seen, last = [], ""

    while page := shown(
        aggregate(
            IGNORE, {"sort": ["visitorId"]}, {"filter": f"visitorId > {json.dumps(last)}"}, {"limit": 33}
        ).rows
    ):
        seen += page
        last = page[-1]

    assert seen == sorted(ids)


def test_last_ids_are_shown_first_where_they_are_wanted_falling(aggregate, ids):
    rows = aggregate(IGNORE, {"sort": ["-visitorId"]}, {"filter": 'visitorId > "a"'}, {"limit": 33}).rows

    assert shown(rows) == sorted((each for each in ids if each > "a"), reverse=True)[:33]


def test_falling_ids_cost_no_more_than_is_returned(aggregate, ids, monkeypatch):
    made = []
    make = sources.visitor_metadata
    monkeypatch.setattr(
        sources, "visitor_metadata", lambda *given, **how: made.append(1) or make(*given, **how)
    )

    aggregate(IGNORE, {"sort": ["-visitorId"]}, {"limit": 3})

    assert len(made) == 3


def test_excluded_visitors_appear_only_when_the_exclude_list_is_ignored(aggregate, client):
    added = [{"id": "hidden", "excluded": True}]
    client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": added})
    step = {"filter": 'visitorId == "hidden"'}

    assert shown(aggregate({"visitors": None}, step).rows) == []
    assert shown(aggregate(IGNORE, step).rows) == ["hidden"]


def test_rows_have_the_documented_form_and_the_answer_a_start_time(aggregate, demo, ids):
    visitor = demo.visitors.get(ids[1])

    asked = aggregate(IGNORE, {"filter": f"visitorId == {json.dumps(ids[1])}"})

    assert [row["metadata"]["auto"]["lastvisit"] for row in asked.rows] == [visitor.last_visit]
    assert asked.answer.json()["startTime"] > 1_600_000_000_000


def test_visitors_are_found_by_e_mail_and_by_account(aggregate, client):
    added = [{"id": "a", "email": "x@y.example", "accounts": ["A 1"]}, {"id": "b", "accounts": ["A 1", "B"]}]
    client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": added})

    by_email = aggregate(IGNORE, {"filter": 'metadata.agent.email == "x@y.example"'})
    by_account = aggregate(
        IGNORE, {"filter": 'contains(metadata.auto.accountids, "A 1")'}, {"sort": ["visitorId"]}
    )
    both = aggregate(IGNORE, {"filter": 'contains(metadata.auto.accountids, "A 1") && visitorId > "a"'})

    assert shown(by_email.rows) == ["a"]
    assert shown(by_account.rows) == ["a", "b"]
    assert shown(both.rows) == ["b"]


def test_since_keeps_only_records_updated_then_or_later(aggregate, demo, ids):
    newest = max(demo.visitors.get(each).last_visit for each in ids)

    rows = aggregate({"visitors": {"blacklist": "ignore", "since": newest}}).rows

    assert [row["metadata"]["auto"]["lastupdated"] for row in rows] == [newest]


def test_a_filter_by_the_last_update_finds_who_was_updated_without_a_visit(aggregate, client):
    added = [{"id": "old", "last_visit": 5_000}, {"id": "sent", "last_visit": 0, "updated": 9_000}]
    client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": added})

    rows = aggregate(
        IGNORE, {"filter": "metadata.auto.lastupdated >= 6000 && metadata.auto.lastupdated < 9999"}
    ).rows

    assert shown(rows) == ["sent"]


def test_anonymous_visitors_can_be_left_out_or_asked_for(aggregate, ids):
    anonymous = [each for each in ids if each.startswith("_PENDO_T_")]

    assert shown(aggregate(IGNORE, {"identified": "!visitorId"}).rows) == anonymous
    assert set(shown(aggregate(IGNORE, {"identified": "visitorId"}).rows)) == set(ids) - set(anonymous)


def test_select_limit_sort_and_count_do_as_they_say(aggregate, ids):
    newest = aggregate(
        IGNORE,
        {"sort": ["-metadata.auto.lastvisit"]},
        {"select": {"id": "visitorId", "at": "metadata.auto.lastvisit"}},
        {"limit": 5},
    ).rows
    counted = aggregate(IGNORE, {"count": None}).rows

    assert [set(row) for row in newest] == [{"id", "at"}] * 5
    assert [row["at"] for row in newest] == sorted((row["at"] for row in newest), reverse=True)
    assert counted == [{"count": len(ids)}]


def test_the_last_sort_decides_also_when_it_is_by_id(aggregate, ids):
    rows = aggregate(IGNORE, {"sort": ["metadata.auto.lastvisit"]}, {"sort": ["visitorId"]}).rows

    assert shown(rows) == sorted(ids)


def test_do_not_process_lists_show_marked_ids_also_when_deleted(aggregate, bulk_delete, demo, sandbox, ids):
    bulk_delete(*ids[:3])
    bulk_delete(demo.accounts.ids()[0], kind="account")
    sandbox.world.complete_all()

    visitors = aggregate({"doNotProcessVisitors": None}, {"sort": ["visitorId"]}).rows
    accounts = aggregate({"doNotProcessAccounts": None}).rows

    assert shown(visitors) == sorted(ids[:3])
    assert len(accounts) == 1


def test_guides_are_a_source_too(aggregate):
    guides = aggregate({"guides": None}, {"filter": 'state == "staged"'}, {"sort": ["id"]}).rows

    assert {row["state"] for row in guides} == {"staged"}
    assert [row["id"] for row in guides] == sorted(row["id"] for row in guides)


def test_where_some_accounts_have_parents_the_source_shows_only_these(aggregate, demo):
    children = sorted(each for each in demo.accounts.ids() if demo.accounts.get(each).parent)

    rows = aggregate({"accounts": None}, {"sort": ["accountId"]}).rows
    rest = aggregate(
        {"accounts": None}, {"sort": ["accountId"]}, {"filter": f"accountId > {json.dumps(children[0])}"}
    ).rows

    assert [row["accountId"] for row in rows] == children
    assert [row["accountId"] for row in rest] == children[1:]


def test_where_no_account_has_a_parent_the_source_shows_all(aggregate, demo):
    demo.accounts = Shelf({"b": 1, "a": 2}, invent=lambda name, number: Account(name, name, number, number))

    rows = aggregate({"accounts": None}, {"sort": ["accountId"]}).rows

    assert [row["accountId"] for row in rows] == ["a", "b"]


def test_a_visitor_added_later_has_its_place_in_the_order(aggregate, client):
    page = [{"sort": ["visitorId"]}, {"filter": 'visitorId >= "zz"'}]
    before = shown(aggregate(IGNORE, *page).rows)

    client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": ["zz top"]})

    assert shown(aggregate(IGNORE, *page).rows) == sorted([*before, "zz top"])


@pytest.mark.parametrize(
    "steps",
    [
        [{"eval": {"a": "b"}}],
        [{"filter": "visitorId =~ 1"}],
        [{"filter": 7}],
        [{"sort": "visitorId"}],
        [{"limit": "many"}],
        [{"select": ["a"]}],
        [{"identified": "email"}],
        [{"identified": ["visitorId"]}],
        [{"sort": ["a"], "limit": 1}],
    ],
)
def test_what_the_pipeline_does_not_know_is_refused_with_422_and_json(aggregate, steps):
    asked = aggregate({"visitors": None}, *steps)

    assert asked.status == 422
    assert asked.answer.json()["code"] == 422


@pytest.mark.parametrize(
    "source", [None, {}, {"pages": None}, {"visitors": {"odd": 1}}, {"visitors": {"since": "x"}}]
)
def test_an_unknown_source_is_refused(aggregate, source):
    assert aggregate(source).status == 422


@pytest.mark.parametrize(
    "body", [[], {}, {"request": {"pipeline": []}}, {"request": {"pipeline": [{"limit": 1}]}}]
)
def test_a_body_without_a_pipeline_that_begins_with_a_source_is_refused(client, body):
    assert client.post("/api/v1/aggregation", json=body).status_code == 422
