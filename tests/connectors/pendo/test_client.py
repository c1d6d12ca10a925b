import base64
import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.connectors.answers import Verdict
from compliance.connectors.pendo import Report
from compliance.connectors.pendo.client import MOST_IDS_A_CALL, can_be_reset, quotable
from compliance.sandbox.keys import DEMO_READ_KEY, OTHER_WRITE_KEY
from compliance.sandbox.records import Account, Visitor
from compliance.sandbox.seed import fill
from tests.connectors.scripted import says

NOT_THERE = "nobody@nowhere.example"
ASKED = "zoë!"
AS_ASKED = b'{"id": "zo\\u00eb!"}'
FAULTS = [
    ("drop_before", Verdict.LOST),
    ("drop_after", Verdict.LOST),
    ("hang", Verdict.LOST),
    ("slow", Verdict.LOST),
    ("html", Verdict.GARBLED),
    ("garbage", Verdict.GARBLED),
    ("empty_200", Verdict.GARBLED),
    ("unauthorized", Verdict.KEY_REFUSED),
    ("forbidden", Verdict.KEY_REFUSED),
    ("payment", Verdict.NOT_PAID),
    ("timeout_408", Verdict.UNAVAILABLE),
    ("status_429", Verdict.RATE_LIMITED),
    ("status_500", Verdict.UNAVAILABLE),
    ("status_502", Verdict.UNAVAILABLE),
    ("status_503", Verdict.UNAVAILABLE),
]
REPORT = Report("r1", lists="visitor")


def wants_more(ids, rows):
    return True


CALLS = {
    "verify_key": lambda pendo: pendo.verify_key().answer,
    "visitor": lambda pendo: pendo.visitor(ASKED).answer,
    "account": lambda pendo: pendo.account(ASKED).answer,
    "visitors_page": lambda pendo: pendo.visitors_page()[0],
    "accounts_page": lambda pendo: pendo.accounts_page()[0],
    "text_fields": lambda pendo: pendo.text_fields()[0],
    "guides": lambda pendo: pendo.guides()[0],
    "some_visitors": lambda pendo: pendo.some_visitors(10)[0],
    "guide_ids": lambda pendo: pendo.guide_ids()[0],
    "delete_visitors": lambda pendo: pendo.delete_visitors([ASKED])[0],
    "open_deletions": lambda pendo: pendo.open_deletions()[0],
    "deletion": lambda pendo: pendo.deletion("r1")[0],
    "do_not_process": lambda pendo: pendo.do_not_process()[0],
    "visitors_named": lambda pendo: pendo.visitors_named([ASKED])[0],
    "segment": lambda pendo: pendo.segment("s1")[0],
    "segments": lambda pendo: pendo.segments()[0],
    "segment_page": lambda pendo: pendo.segment_page("s1")[0],
    "reports": lambda pendo: pendo.reports()[0],
    "report_results": lambda pendo: pendo.report_results(REPORT, keep=wants_more).answer,
    "delete_accounts": lambda pendo: pendo.delete_accounts([ASKED])[0],
}
#: What stands in these answers is documented so little that a bare text or number is understood, too.
DEFENSIVE = {
    "begin_export": lambda pendo: pendo.begin_export("s1")[0],
    "export_job": lambda pendo: pendo.export_job("s1", "j1")[0],
    "export_results": lambda pendo: pendo.export_results("s1", "j1", keep=wants_more).answer,
    "applications": lambda pendo: pendo.applications()[0],
}
#: Pendo documents no body for these: a 200 counts whatever JSON stands in it.
BODILESS = {
    "reset_guides": lambda pendo: pendo.reset_guides(guide="", visitor_id=ASKED),
    "lift_do_not_process": lambda pendo: pendo.lift_do_not_process(ASKED),
}
EVERY_CALL = CALLS | DEFENSIVE | BODILESS

any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
odd_text = st.text("aA/+%.&?#=_- \\\"'`ëйع漢🚀\u200d\u0308b64", min_size=1, max_size=40)


def moment(seconds):
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def exists(demo, visitor_id):
    demo.visitors.add({visitor_id: Visitor(visitor_id, None, 1, 1)})


# -- every call --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "verdict"), FAULTS)
@pytest.mark.parametrize("call", [CALLS["visitor"], CALLS["delete_visitors"]], ids=["visitor", "delete"])
def test_fault_gets_its_verdict(sandbox, demo, pendo_at, call, fault, verdict):
    exists(demo, ASKED)
    sandbox.world.faults.switch_on(kind=fault, seconds=10)

    answer = call(pendo_at(sandbox, deadline=0.4))

    assert answer.verdict is verdict


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("body", [b'"text"', b"7", b"{}", b'{"a": 1}'])
def test_json_of_another_shape_is_garbled_but_for_a_key_that_is_then_not_valid(
    scripted, pendo_at, call, body
):
    answer = call(pendo_at(scripted(says(200, body))))

    assert answer.verdict is Verdict.GARBLED or (call is CALLS["verify_key"] and body.startswith(b"{"))


@pytest.mark.parametrize("call", EVERY_CALL.values(), ids=EVERY_CALL.keys())
def test_every_call_carries_the_key(scripted, pendo_at, call):
    server = scripted(says(500))

    call(pendo_at(server, key="the-key"))

    assert b"\r\nx-pendo-integration-key: the-key\r\n" in server.requests[0]


# -- the key -----------------------------------------------------------------------------------------------


def test_key_that_may_write_is_valid_with_write_access(pendo):
    check = pendo.verify_key()

    assert (check.answer.ok, check.valid, check.write_access) == (True, True, True)


def test_key_that_may_only_read_is_valid_without_write_access(sandbox, pendo_at):
    check = pendo_at(sandbox, key=DEMO_READ_KEY).verify_key()

    assert (check.answer.ok, check.valid, check.write_access) == (True, True, False)


def test_unknown_key_is_refused(sandbox, pendo_at):
    check = pendo_at(sandbox, key="5a4db0c5-0000-4000-8000-000000000000.us").verify_key()

    assert (check.answer.verdict, check.valid) == (Verdict.KEY_REFUSED, False)


# -- looking -----------------------------------------------------------------------------------------------


def test_visitor_is_found_with_what_pendo_knows(pendo, demo):
    demo.visitors.add({"ana": Visitor("ana", "ana@mail.example", 1_000, 2_000, ("Acme Rail 1",))})

    visitor = pendo.visitor("ana").visitor

    assert (visitor.id, visitor.email, visitor.accounts) == ("ana", "ana@mail.example", ("Acme Rail 1",))
    assert (visitor.first_visit.timestamp(), visitor.last_visit.timestamp()) == (1, 2)
    assert visitor.do_not_process is False


def test_visitor_that_does_not_exist_is_not_found(pendo):
    lookup = pendo.visitor(NOT_THERE)

    assert (lookup.answer.verdict, lookup.visitor) == (Verdict.NOT_FOUND, None)


def test_visitor_id_in_another_case_is_not_found(pendo, demo):
    exists(demo, "Ana@Mail.example")

    assert pendo.visitor("ana@mail.example").answer.verdict is Verdict.NOT_FOUND


def test_every_odd_id_of_the_sandbox_is_found(pendo, demo):
    ids = demo.visitors.ids()

    assert [pendo.visitor(visitor_id).visitor.id for visitor_id in ids] == ids


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(visitor_id=any_text | odd_text)
def test_id_of_whatever_shape_is_found(pendo, demo, visitor_id):
    exists(demo, visitor_id)

    assert pendo.visitor(visitor_id).visitor.id == visitor_id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(visitor_id=any_text | odd_text)
def test_id_of_whatever_shape_that_does_not_exist_is_not_found(pendo, demo, visitor_id):
    demo.visitors.remove(visitor_id)

    assert pendo.visitor(visitor_id).answer.verdict is Verdict.NOT_FOUND


def test_id_is_asked_for_in_both_paddings_of_base64(scripted, pendo_at):
    server = scripted(says(404), says(404))

    lookup = pendo_at(server).visitor("ab")

    assert lookup.answer.verdict is Verdict.NOT_FOUND
    assert server.paths == ["/api/v1/visitor/b64_YWI=", "/api/v1/visitor/b64_YWI"]
    assert all(b"\r\nx-pendo-base64-encoded-params: true\r\n" in request for request in server.requests)


def test_id_without_padding_is_asked_for_once(scripted, pendo_at):
    server = scripted(says(404))

    assert pendo_at(server).visitor("abc").answer.verdict is Verdict.NOT_FOUND
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("padded", "unpadded", "body", "verdict"),
    [
        (404, 200, AS_ASKED, Verdict.OK),
        (400, 200, AS_ASKED, Verdict.OK),
        (400, 404, b"", Verdict.NOT_FOUND),
        (404, 400, b"", Verdict.NOT_FOUND),
        (400, 400, b"", Verdict.BAD_REQUEST),
        (404, 503, b"", Verdict.UNAVAILABLE),
        (404, 200, b"<html>", Verdict.GARBLED),
    ],
)
def test_padding_that_the_server_cannot_read_is_neither_an_absence_nor_the_end(
    scripted, pendo_at, padded, unpadded, body, verdict
):
    answer = pendo_at(scripted(says(padded), says(unpadded, body))).visitor(ASKED).answer

    assert answer.verdict is verdict


def test_ids_that_need_the_other_alphabet_of_base64_are_url_safe(scripted, pendo_at):
    server = scripted(says(404), says(404))
    visitor_id = base64.b64decode("Pz8/Pj4+").decode() + "~~~"

    pendo_at(server).visitor(visitor_id)

    assert "/" not in server.paths[0].removeprefix("/api/v1/visitor/")
    assert "+" not in server.paths[0]


@pytest.mark.parametrize(
    "other", [b'{"id": "zoe!"}', b'{"id": "ZO\\u00cb!"}', b'{"id": 7}', b'{"name": "zo"}']
)
def test_answer_about_another_visitor_is_no_knowledge(scripted, pendo_at, other):
    lookup = pendo_at(scripted(says(200, other))).visitor(ASKED)

    assert (lookup.answer.verdict, lookup.visitor) == (Verdict.GARBLED, None)


def test_some_visitors_are_identified_ones(pendo, demo):
    answer, ids = pendo.some_visitors(500)

    assert answer.ok
    assert set(ids) <= set(demo.visitors.ids())
    assert not [visitor_id for visitor_id in ids if visitor_id.startswith("_PENDO_T_")]


def test_some_visitors_are_no_more_than_asked_for(pendo):
    answer, ids = pendo.some_visitors(7)

    assert (answer.ok, len(ids)) == (True, 7)


def test_some_visitors_are_the_first_the_last_or_those_further_on(pendo, demo):
    everybody = [each for each in sorted(demo.visitors.ids()) if not each.startswith("_PENDO_T_")]
    shown = [each for each in everybody if not demo.visitors.get(each).excluded]

    assert pendo.some_visitors(7)[1] == shown[:7]
    assert pendo.some_visitors(7, from_the_end=True)[1] == shown[:-8:-1]
    assert pendo.some_visitors(7, after=shown[6])[1] == shown[7:14]


def test_guides_are_those_of_the_subscription(pendo, demo):
    answer, guides = pendo.guide_ids()

    assert (answer.ok, set(guides)) == (True, set(demo.guides))


@pytest.mark.parametrize(
    "call", [lambda pendo: pendo.guide_ids(), lambda pendo: pendo.open_deletions()], ids=["guides", "open"]
)
def test_null_in_place_of_a_list_is_an_empty_one(scripted, pendo_at, call):
    answer, found = call(pendo_at(scripted(says(200, b"null"))))

    assert (answer.ok, found) == (True, [])


def test_null_in_place_of_rows_is_no_row(scripted, pendo_at):
    answer, ids = pendo_at(scripted(says(200, b'{"results": null}'))).do_not_process()

    assert (answer.ok, ids) == (True, [])


@pytest.mark.parametrize("body", [b'{"results": {}}', b"{}", b"null"])
def test_page_without_rows_is_not_the_end(scripted, pendo_at, body):
    answer, ids = pendo_at(scripted(says(200, body))).do_not_process()

    assert (answer.verdict, ids) == (Verdict.GARBLED, [])


def test_key_of_another_subscription_finds_none_of_these_visitors(sandbox, pendo_at, demo):
    other = pendo_at(sandbox, key=OTHER_WRITE_KEY)
    ids = [visitor_id for visitor_id in demo.visitors.sample(8) if not visitor_id.startswith("_PENDO")]

    assert {other.visitor(visitor_id).answer.verdict for visitor_id in ids} == {Verdict.NOT_FOUND}


def test_foreign_subscription_answers_not_found_as_if_nothing_were_wrong(sandbox, pendo, demo):
    exists(demo, "ana")
    sandbox.world.faults.switch_on(kind="foreign")

    assert pendo.visitor("ana").answer.verdict is Verdict.NOT_FOUND


# -- pages -------------------------------------------------------------------------------------------------


def test_pages_of_visitors_rise_and_say_what_a_preview_shows(pendo, demo):
    demo.visitors.add(
        {"zz 1": Visitor("zz 1", "ana@x.example", 1_000, 2_000, ("Rail/north 5", "7"), excluded=True)}
    )
    ids = sorted(demo.visitors.ids())

    answer, page = pendo.visitors_page()
    rest = pendo.visitors_page(after=ids[100])[1]

    assert (answer.ok, [visitor.id for visitor in page]) == (True, ids)
    assert [visitor.id for visitor in rest] == ids[101:]
    seen = page[ids.index("zz 1")]
    assert (seen.email, seen.accounts) == ("ana@x.example", ("Rail/north 5", "7"))
    assert (seen.first_visit, seen.last_visit) == (moment(1), moment(2))


def test_pages_of_what_was_updated_leave_everybody_else_out(pendo, demo):
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    sent = int(now.timestamp() * 1000)
    demo.visitors.add(
        {
            "before": Visitor("before", None, sent - 9, sent - 1),
            "sent": Visitor("sent", None, 0, 0, excluded=True, updated=sent),
        }
    )
    demo.accounts.add({"club": Account("club", "Club", sent, sent, parent="Holding")})

    _, visitors = pendo.visitors_page(updated_since=now)
    _, accounts = pendo.accounts_page(updated_since=now)

    assert {"sent", "before"} & {each.id for each in visitors} == {"sent"}
    assert all(each.last_updated >= now for each in [*visitors, *accounts])
    (found,) = [each for each in visitors if each.id == "sent"]
    assert (found.first_visit, found.last_visit, found.last_updated) == (None, None, now)
    assert "club" in {each.id for each in accounts}


def test_page_of_marked_visitors_names_those_who_are_gone_too(pendo, demo):
    demo.do_not_process["visitor"].add(["gone", "ana"])
    exists(demo, "ana")

    page = pendo.visitors_page(marked=True)[1]

    assert [(visitor.id, visitor.do_not_process) for visitor in page] == [("ana", True), ("gone", True)]


def test_e_mail_address_is_read_from_the_field_that_is_named(scripted, pendo_at):
    row = b'{"id": "a", "metadata": {"agent": {"email": "x"}, "custom": {"work": "ana@x.example"}}}'
    server = scripted(says(200, row), says(200, b'{"results": []}'))
    pendo = pendo_at(server)

    assert pendo.visitor("a", email_field="custom.work").visitor.email == "ana@x.example"
    pendo.visitors_page(email_field="custom.work")
    assert b'"metadata.custom.work"' in server.requests[-1]


@pytest.mark.parametrize("row", [b"7", b'{"metadata": {}}', b'{"visitorId": 7, "accountId": 7, "id": 7}'])
def test_page_with_a_row_that_names_nobody_is_garbled(scripted, pendo_at, row):
    pages = b'{"results": [{"visitorId": "a", "accountId": "a"}, ' + row + b"]}"
    pendo = pendo_at(scripted(says(200, pages), says(200, pages), says(200, b'[{"id": "g"}, {"id": 7}]')))

    for answer, found in (pendo.visitors_page(), pendo.accounts_page(), pendo.guides()):
        assert (answer.verdict, found) == (Verdict.GARBLED, [])


def test_pages_of_accounts_are_children_who_name_their_parents(pendo, demo):
    children = sorted(each for each in demo.accounts.ids() if demo.accounts.get(each).parent)

    answer, page = pendo.accounts_page()

    assert (answer.ok, [account.id for account in page]) == (True, children)
    assert page[0].parents == (demo.accounts.get(children[0]).parent,)
    assert [account.id for account in pendo.accounts_page(after=children[0])[1]] == children[1:]


def test_account_is_found_by_its_exact_id_whatever_is_in_it(pendo, demo):
    odd = next(each for each in demo.accounts.ids() if "/" in each)

    assert pendo.account(odd).account.id == odd
    assert pendo.account(odd.upper()).answer.verdict is Verdict.NOT_FOUND


def test_fields_for_an_e_mail_address_are_texts_and_those_that_say_so_come_first(scripted, pendo_at):
    schema = (
        b'{"agent": {"Work e-mail": {"Type": "string"}, "name": {"Type": "string"}, "age": {"Type": "int"}},'
        b' "custom": {"workMail": {"type": "Text"}, "odd": null}, "note": 3}'
    )

    answer, fields = pendo_at(scripted(says(200, schema))).text_fields()

    assert (answer.ok, fields) == (True, ["custom.workMail", "agent.name", "custom.odd"])


def test_fields_of_the_sandbox_begin_with_the_usual_one(pendo):
    assert pendo.text_fields()[1][0] == "agent.email"


def test_guides_come_with_their_state(pendo, demo):
    guides = {guide.id: guide.state for guide in pendo.guides()[1]}

    assert guides == {guide.id: guide.state for guide in demo.guides.values()}


# -- deleting ----------------------------------------------------------------------------------------------


def test_bulk_delete_is_accepted_with_an_id_to_ask_for_later(pendo, demo):
    answer, deletion = pendo.delete_visitors(demo.visitors.sample(3))

    assert answer.ok
    assert deletion.id in demo.deletions.all
    assert [each.id for each in pendo.open_deletions()[1]] == [deletion.id]
    assert pendo.deletion(deletion.id)[1].word == "queued"


def test_completed_deletion_is_not_open_any_more_but_can_be_asked_for(sandbox, pendo, demo):
    _, deletion = pendo.delete_visitors(demo.visitors.sample(3))
    sandbox.world.complete_all()

    assert pendo.open_deletions()[1] == []
    assert pendo.deletion(deletion.id)[1].says_done


def test_bulk_delete_of_a_queued_id_is_a_bad_request(pendo, demo):
    ids = demo.visitors.sample(2)
    pendo.delete_visitors(ids[:1])

    answer, deletion = pendo.delete_visitors(ids)

    assert (answer.verdict, answer.status, deletion) == (Verdict.BAD_REQUEST, 400, None)


def test_bulk_delete_with_a_key_that_may_only_read_is_refused(sandbox, pendo_at):
    answer, _ = pendo_at(sandbox, key=DEMO_READ_KEY).delete_visitors(["ana"])

    assert answer.verdict is Verdict.KEY_REFUSED


@pytest.mark.parametrize("count", [0, MOST_IDS_A_CALL + 1])
def test_bulk_delete_of_none_or_too_many_is_never_sent(pendo, sandbox, count):
    with pytest.raises(ValueError, match="1 to 500"):
        pendo.delete_visitors([f"v{number}" for number in range(count)])

    assert sandbox.world.books.last(1) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(visitor_id=any_text | odd_text)
def test_ids_of_whatever_shape_are_deleted_byte_for_byte(pendo, demo, visitor_id):
    demo.deletions.begin_due(accepted_by=float("inf"))

    _, deletion = pendo.delete_visitors([visitor_id])

    assert demo.deletions.all[deletion.id].ids == [visitor_id]


def test_unknown_deletion_is_not_found(pendo):
    answer, deletion = pendo.deletion("00000000")

    assert (answer.verdict, deletion) == (Verdict.NOT_FOUND, None)


def test_id_of_a_deletion_stays_inside_its_part_of_the_path(scripted, pendo_at):
    server = scripted(says(404))

    pendo_at(server).deletion("../visitor/a?b#c%2F")

    assert server.paths == ["/api/v1/bulkdelete/..%2Fvisitor%2Fa%3Fb%23c%252F"]


# -- Do Not Process ----------------------------------------------------------------------------------------


def test_deleted_visitors_are_listed_as_do_not_process_in_order(pendo):
    pendo.delete_visitors(["b", "a", "c"])

    answer, ids = pendo.do_not_process()

    assert (answer.ok, ids) == (True, ["a", "b", "c"])
    assert pendo.do_not_process(after="a")[1] == ["b", "c"]


def test_paging_from_an_id_that_cannot_be_quoted_is_never_sent(pendo, sandbox):
    with pytest.raises(ValueError, match="filter"):
        pendo.do_not_process(after='" || true')

    assert sandbox.world.books.last(1) == []


@given(text=any_text)
def test_quotable_text_holds_nothing_that_ends_a_quotation(text):
    assert not quotable(text) or (not set(text) & set("\"'`\\") and "\n" not in text)


def test_subscription_without_visitors_shows_none(sandbox, pendo, demo):
    fill(world=sandbox.world, subscription=demo, visitors=0, accounts=0, guides=0, seed=1)

    assert pendo.some_visitors(10)[1] == []
    assert pendo.guide_ids()[1] == []


# -- accounts ----------------------------------------------------------------------------------------------


def test_accounts_are_deleted_and_listed_as_do_not_process_apart_from_visitors(pendo, demo):
    first, second, *_ = demo.accounts.ids()

    _, deletion = pendo.delete_accounts([second, first])

    assert demo.deletions.all[deletion.id].kind == "account"
    assert pendo.do_not_process("account")[1] == sorted([first, second])
    assert pendo.do_not_process("visitor")[1] == []
    assert pendo.do_not_process("account", after=min(first, second))[1] == [max(first, second)]


def test_account_is_found_with_its_last_visit_and_an_unknown_one_is_not(pendo, demo):
    known = demo.accounts.ids()[0]

    found = pendo.account(known)

    assert found.account.id == known
    assert found.account.last_visit
    assert pendo.account(NOT_THERE).answer.verdict is Verdict.NOT_FOUND


# -- many by name ------------------------------------------------------------------------------------------


def test_those_named_are_told_of_as_far_as_pendo_shows_them_excluded_ones_too(pendo, demo):
    demo.visitors.add({"seen": Visitor("seen", None, 1, 86_400_000, excluded=True)})

    answer, visitors = pendo.visitors_named(["seen", NOT_THERE])

    assert answer.ok
    assert {name: each.last_visit for name, each in visitors.items()} == {
        "seen": dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
    }


def test_an_id_that_cannot_be_quoted_is_never_asked_for_among_many(pendo, sandbox):
    with pytest.raises(ValueError, match="filter expression"):
        pendo.visitors_named(['say "hi"'])

    assert sandbox.world.books.last(1) == []


# -- one at a time -----------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(visitor_id=(any_text | odd_text).filter(lambda text: text not in {".", ".."}))
def test_guides_of_a_visitor_of_whatever_shape_are_reset(pendo, demo, visitor_id):
    guide = next(iter(demo.guides))

    answers = [pendo.reset_guides(guide=each, visitor_id=visitor_id) for each in ("", guide)]

    assert [answer.verdict for answer in answers] == [Verdict.OK, Verdict.OK]
    assert [(each.guide, each.visitor) for each in demo.resets[-2:]] == [
        (None, visitor_id),
        (guide, visitor_id),
    ]


def test_wipes_reach_only_staged_guides(pendo, demo):
    staged = next(guide.id for guide in demo.guides.values() if guide.state == "staged")
    public = next(guide.id for guide in demo.guides.values() if guide.state == "public")

    answers = [pendo.reset_guides(guide=each, visitor_id=None) for each in (staged, public, "gone")]

    assert [answer.verdict for answer in answers] == ["ok", "bad_request", "not_found"]
    assert [(each.guide, each.visitor) for each in demo.resets] == [(staged, None)]


@pytest.mark.parametrize(
    ("guide", "visitor_id"),
    [("staged", None), ("", None), ("all", "ana"), ("", ""), ("", "."), ("", ".."), ("..", None)],
)
def test_reset_that_a_path_would_take_for_another_is_never_sent(pendo, sandbox, guide, visitor_id):
    assert not can_be_reset(guide=guide, visitor_id=visitor_id)
    with pytest.raises(ValueError, match="path"):
        pendo.reset_guides(guide=guide, visitor_id=visitor_id)

    assert sandbox.world.books.last(1) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(visitor_id=any_text | odd_text)
def test_do_not_process_is_lifted_for_ids_of_whatever_shape(pendo, demo, visitor_id):
    demo.do_not_process["visitor"].add([visitor_id])

    answer = pendo.lift_do_not_process(visitor_id)

    assert answer.ok
    assert visitor_id not in demo.do_not_process["visitor"]


def test_lifting_it_for_somebody_unknown_is_not_found(pendo):
    assert pendo.lift_do_not_process(NOT_THERE).verdict is Verdict.NOT_FOUND


@pytest.mark.parametrize(
    ("body", "verdict"),
    [(b"", "ok"), (b"OK", "ok"), (b"{}", "ok"), (b"<html>", "garbled"), (b'{"id": "9f', "garbled")],
)
def test_reset_counts_by_its_status_but_a_page_or_half_an_answer_does_not(scripted, pendo_at, body, verdict):
    server = scripted(says(200, body))

    assert pendo_at(server).reset_guides(guide="", visitor_id="ana").verdict == verdict


# -- the tempo ---------------------------------------------------------------------------------------------


class Counted:
    """A tempo that wants each question asked twice."""

    def __init__(self):
        self.slots, self.answers = 0, []

    def wait(self):
        self.slots += 1

    def again(self, answer):
        self.answers.append(answer.status)
        return len(self.answers) == 1


def test_questions_keep_the_tempo_and_are_asked_again_where_it_says_so(pendo):
    tempo = Counted()
    pendo.keep_to(tempo)

    answer, guides = pendo.guides()

    assert (tempo.slots, tempo.answers) == (2, [200, 200])
    assert answer.ok
    assert guides


def test_what_changes_something_is_sent_once_whatever_the_tempo(pendo, demo):
    tempo = Counted()
    pendo.keep_to(tempo)
    (visitor_id,) = demo.visitors.sample(1)

    pendo.reset_guides(guide="", visitor_id=visitor_id)
    pendo.delete_visitors([visitor_id])

    assert tempo.slots == 0
    assert (len(demo.resets), len(demo.deletions.all)) == (1, 1)
