"""Everybody in a subscription is read page by page, and compared with what was asked."""

import datetime as dt
import itertools

import pytest

from compliance.audit.queries import entries_of
from compliance.connectors.pendo import client
from compliance.core import clock
from compliance.execution import scanning, tasks
from compliance.execution.reading import read_slice
from compliance.sandbox.keys import OTHER_WRITE_KEY
from compliance.sandbox.records import Account, Visitor
from compliance.subscriptions.keys import open_pendo
from compliance.subscriptions.models import LaneKind, PauseReason
from compliance.workflow import completing, scans
from compliance.workflow.approvals import cancel
from compliance.workflow.models import Request, Scan, ScanStep, Tally
from compliance.workflow.previews import current_preview, look_again
from compliance.workflow.rows import name_of
from compliance.workflow.sealing import details_of, target_id, targets_vault
from compliance.workflow.states import AskedKind, Kind, Outcome, Spared, State, TargetKind, Why
from compliance.workflow.summaries import summary_of
from compliance.workflow.things import Thing, named
from tests.request_fixtures import give_approval
from tests.workflow_fixtures import at_moment, ids_with, outcomes

A_PAGE = 40

DAY_MS = 86_400_000
AGGREGATION = "/api/v1/aggregation"


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    for module in (scanning, scans):
        monkeypatch.setattr(module, "PAGE", A_PAGE)
    monkeypatch.setattr(scanning, "LONGEST_PAGE", 2 * A_PAGE)


def things(*, visitors=(), accounts=(), emails=(), guides=()):
    return [
        *named(AskedKind.VISITOR, visitors),
        *named(AskedKind.ACCOUNT, accounts),
        *named(AskedKind.EMAIL, emails),
        *named(AskedKind.GUIDE, guides),
    ]


def opened(desk, asked, kind=Kind.TEST_DATA, **wish):
    return desk.opened([], things=asked, kind=kind, law="", **wish)


def scanned(desk, asked, **wish):
    request = opened(desk, asked, **wish)
    desk.read()
    request.refresh_from_db()
    assert request.state in {State.PREVIEWED, State.NOTHING_FOUND}
    return request


def add(desk, *visitors):
    desk.pendo.visitors.add({visitor.id: visitor for visitor in visitors})


def visitor(name, email=None, accounts=(), days_ago=10, **more):
    seen = int(clock.now().timestamp() * 1000) - days_ago * DAY_MS
    return Visitor(name, email, seen, seen, tuple(accounts), **more)


def spared(request):
    """The names of the spared targets, each with the reason."""
    vault = targets_vault(request)
    return {
        target_id(vault, each): each.spared_because for each in request.targets.filter(outcome=Outcome.SPARED)
    }


def why(request):
    vault = targets_vault(request)
    return {target_id(vault, each): each.why for each in request.targets.all()}


def of_account(desk, account):
    everybody = [desk.pendo.visitors.get(each) for each in desk.pendo.visitors.ids()]
    return {each.id: each for each in everybody if account in each.accounts}


# -- E-mail addresses ----------------------------------------------------------------------------------------


def test_whoever_has_the_e_mail_address_is_found_wherever_on_the_list(desk):
    add(desk, visitor("0first", "jane@person.example"), visitor("zz last/+%", "jane@person.example"))

    request = scanned(desk, things(emails=["jane@person.example"]))

    assert ids_with(request, Outcome.PENDING) == {"0first", "zz last/+%"}
    assert set(why(request).values()) == {Why.EMAIL}
    assert request.state == State.PREVIEWED


def test_an_id_that_is_the_e_mail_address_is_found_too(desk):
    add(desk, visitor("jane@person.example"))

    request = scanned(desk, things(emails=["jane@person.example"]))

    assert why(request) == {"jane@person.example": Why.EMAIL_AS_ID}


def test_excluded_visitors_are_found_too(desk):
    add(desk, visitor("hidden", "jane@person.example", excluded=True))

    assert ids_with(scanned(desk, things(emails=["jane@person.example"])), Outcome.PENDING) == {"hidden"}


def test_other_letter_case_and_other_tags_are_offered_and_never_taken(desk):
    add(
        desk,
        visitor("a", "Jane@Person.example"),
        visitor("b", "jane+shop@person.example"),
        visitor("JANE+x@person.example"),
        visitor("c", "janet@person.example"),
    )

    request = scanned(desk, things(emails=["jane@person.example"]))

    assert ids_with(request, Outcome.NOT_FOUND) == {"jane@person.example"}
    assert spared(request) == dict.fromkeys(["a", "b", "JANE+x@person.example"], Spared.VARIANT)
    assert {name: why(request)[name] for name in "ab"} == {"a": Why.EMAIL_CASE, "b": Why.EMAIL_PLUS}
    preview = current_preview(request)
    assert (request.state, preview.found, preview.not_found, preview.spared) == (State.PREVIEWED, 0, 1, 3)


def test_address_with_a_tag_offers_the_one_without(desk):
    add(desk, visitor("a", "jane@person.example"), visitor("b", "jane+shop@person.example"))

    request = scanned(desk, things(emails=["jane+shop@person.example"]))

    assert ids_with(request, Outcome.PENDING) == {"b"}
    assert spared(request) == {"a": Spared.VARIANT}


@pytest.mark.parametrize(("count", "outcome"), [(3, Outcome.PENDING), (4, Outcome.SPARED)])
def test_more_than_three_matches_wait_for_a_person(desk, count, outcome):
    add(desk, *(visitor(f"v{number}", "info@company.example") for number in range(count)))

    request = scanned(desk, things(emails=["info@company.example"]))

    assert outcomes(request) == {outcome: count}
    assert set(spared(request).values()) <= {Spared.MANY_MATCHES}


def test_whoever_is_named_by_id_is_never_spared_by_the_rule_of_an_e_mail_address(desk):
    add(desk, *(visitor(f"v{number}", "info@company.example") for number in range(4)))

    request = scanned(desk, things(visitors=["v2"], emails=["info@company.example"]))

    assert ids_with(request, Outcome.PENDING) == {"v2"}
    assert spared(request) == dict.fromkeys(["v0", "v1", "v3"], Spared.MANY_MATCHES)


def test_e_mail_address_of_somebody_named_by_id_counts_as_found(desk):
    add(desk, visitor("v", "jane@person.example"))

    request = scanned(desk, things(visitors=["v"], emails=["jane@person.example"]))

    assert outcomes(request) == {Outcome.PENDING: 1}
    assert Tally.objects.get().count == 1


def test_e_mail_address_that_nobody_has_is_counted_as_not_found(desk):
    request = scanned(desk, things(emails=["nobody@nowhere.example", "noone@nowhere.example"]))

    assert request.state == State.NOTHING_FOUND
    assert ids_with(request, Outcome.NOT_FOUND) == {"nobody@nowhere.example", "noone@nowhere.example"}
    assert current_preview(request).not_found == 2


def test_text_named_as_id_and_as_e_mail_address_is_one_target(desk):
    asked = things(visitors=["jane@person.example"], emails=["jane@person.example"])

    assert outcomes(scanned(desk, asked)) == {Outcome.NOT_FOUND: 1}


def test_e_mail_address_is_read_from_the_field_of_the_subscription(desk):
    add(desk, visitor("v", "jane@person.example"))
    type(desk.subscription).objects.update(email_field="custom.work")

    assert scanned(desk, things(emails=["jane@person.example"])).state == State.NOTHING_FOUND


def test_address_with_quotation_marks_goes_into_no_filter(desk):
    odd = "o'neill`s@person.example"
    add(desk, visitor("v", odd))

    assert ids_with(scanned(desk, things(emails=[odd])), Outcome.PENDING) == {"v"}


def test_things_asked_under_an_older_digest_key_are_found(desk, settings):
    add(desk, visitor("v", "jane@person.example", ["Club 7"]), visitor("w"))
    request = opened(desk, things(visitors=["w"], emails=["jane@person.example"]))
    settings.DIGEST_KEYS += ",9:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="

    desk.read()

    assert ids_with(request, Outcome.PENDING) == {"v", "w"}


# -- Accounts ------------------------------------------------------------------------------------------------


def test_account_comes_with_its_visitors_and_spares_those_of_others(desk):
    desk.pendo.accounts.add({"Club 7": Account("Club 7", "The club", 1, 2)})
    add(
        desk,
        visitor("a", accounts=["Club 7"]),
        visitor("b", accounts=["Club 7", "Other"]),
        visitor("c", accounts=["Other"]),
        visitor("d", accounts=["club 7"]),
    )

    request = scanned(desk, things(accounts=["Club 7"]), kind=Kind.OFFBOARDING)

    assert ids_with(request, Outcome.PENDING) == {"Club 7", "a"}
    assert spared(request) == {"b": Spared.SEVERAL_ACCOUNTS}
    assert why(request)["a"] == Why.OF_ACCOUNT
    account = request.targets.get(kind=TargetKind.ACCOUNT)
    assert details_of(targets_vault(request), account)["name"] == "The club"


def test_visitor_of_two_accounts_that_both_go_is_taken(desk):
    add(desk, visitor("b", accounts=["Club 7", "Other"]))

    request = scanned(desk, things(accounts=["Club 7", "Other"]))

    assert ids_with(request, Outcome.PENDING) == {"b"}


def test_visitors_of_an_account_that_goes_alone_are_listed_and_kept(desk):
    desk.pendo.accounts.add({"Club 7": Account("Club 7", "The club", 1, 2)})
    add(desk, visitor("a", accounts=["Club 7"]), visitor("b", "jane@person.example", accounts=["Club 7"]))

    request = scanned(desk, things(accounts=["Club 7"], emails=["jane@person.example"]), with_visitors=False)

    assert ids_with(request, Outcome.PENDING) == {"Club 7", "b"}
    assert spared(request) == {"a": Spared.VISITORS_KEPT}


def test_account_that_does_not_exist_is_not_found_yet_its_visitors_are(desk):
    add(desk, visitor("a", accounts=["Gone/Ltd & Co"]))

    request = scanned(desk, things(accounts=["Gone/Ltd & Co"]))

    assert ids_with(request, Outcome.NOT_FOUND) == {"Gone/Ltd & Co"}
    assert ids_with(request, Outcome.PENDING) == {"a"}


def test_child_accounts_are_listed_and_not_taken(desk):
    parent = "Holding/1"
    children = [f"child {number:02}" for number in range(A_PAGE + 3)]
    desk.pendo.accounts.add({parent: Account(parent, "Holding", 1, 2)})
    desk.pendo.accounts.add({each: Account(each, each, 1, 2, parent=parent) for each in children})

    request = scanned(desk, things(accounts=[parent]))

    assert ids_with(request, Outcome.PENDING) == {parent}
    details = details_of(targets_vault(request), request.targets.get())
    assert (details["children"], details["children_count"]) == (children, len(children))


def test_account_of_the_sandbox_has_exactly_its_visitors(desk):
    account = next(each for each in desk.pendo.accounts.ids() if of_account(desk, each))
    theirs = of_account(desk, account)

    request = scanned(desk, things(accounts=[account]))

    alone = {name for name, each in theirs.items() if each.accounts == (account,)}
    assert ids_with(request, Outcome.PENDING) == {account, *alone}
    assert spared(request).keys() == theirs.keys() - alone


# -- Many ----------------------------------------------------------------------------------------------------


def test_many_visitors_are_found_by_one_scan_instead_of_a_look_up_each(desk):
    ids = desk.ids(150)
    missing = [f"missing {number}" for number in range(400)]

    request = scanned(desk, things(visitors=[*ids, *missing]))

    assert ids_with(request, Outcome.PENDING) == set(ids)
    assert ids_with(request, Outcome.NOT_FOUND) == set(missing)
    routes = [call.route for call in desk.world.books.since(0)]
    assert routes.count("/api/v1/visitor/{id}") < 40
    assert routes.count("/api/v1/aggregation") < 12


def test_few_visitors_are_looked_up_one_by_one(desk):
    request = opened(desk, things(visitors=desk.ids(3)))

    assert (request.targets.count(), Scan.objects.count()) == (3, 0)


def test_opening_many_writes_no_target(desk):
    request = opened(desk, things(visitors=[f"v{number}" for number in range(501)]))

    assert (request.targets.count(), Scan.objects.count()) == (0, 1)
    started = [entry for entry in entries_of(request.chain) if entry.event == "request:preview:started"]
    assert started[0].body["facts"]["targets"] == 501


def test_every_subscription_is_scanned_for_itself(desk, make_subscription):
    other = make_subscription(desk.sandbox, key=OTHER_WRITE_KEY)
    add(desk, visitor("v", "jane@person.example"))
    request = opened(desk, things(emails=["jane@person.example"]), subscriptions=[desk.subscription, other])

    desk.read()
    request.refresh_from_db()
    assert request.state == State.PREVIEWING

    desk.work(LaneKind.READ, other)
    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.PREVIEWED, {Outcome.PENDING: 1, Outcome.NOT_FOUND: 1})


def test_adding_up_goes_in_slices_each_with_its_entry(desk, monkeypatch):
    monkeypatch.setattr(completing, "A_SLICE", 100)

    request = scanned(desk, things(visitors=[f"v{number}" for number in range(501)]))

    settled = [entry for entry in entries_of(request.chain) if entry.event == "targets:settled"]
    assert [entry.body["facts"]["count"] for entry in settled] == [100] * 5 + [1]


def test_large_preview_has_a_summary_of_what_would_be_erased(desk):
    add(desk, *(visitor(f"v{number:03}", f"p{number}@Mail.example", ["Club 7"]) for number in range(101)))
    add(desk, visitor("old", accounts=["Club 7", "Other"], days_ago=800))
    asked = things(visitors=["old"], accounts=["Club 7"])

    summary = summary_of(current_preview(scanned(desk, asked)))

    assert summary["visitors"] == 102
    assert summary["accounts"] == [["Club 7", 102], ["Other", 1]]
    assert (summary["email_domains"], summary["no_email"]) == ([["mail.example", 101]], 1)
    assert ["within 30 days", 101] in summary["last_visit"]
    assert sum(count for _, count in summary["last_visit"]) == 102
    assert summary["seen_last_90_days"] == 101


def test_looking_again_removes_what_was_found_before_and_finds_it_afresh(desk, analyst):
    add(desk, visitor("v", "jane@person.example"), visitor("w", "jane@person.example"))
    request = scanned(desk, things(emails=["jane@person.example"]))
    digest = current_preview(request).digest
    desk.pendo.visitors.remove("w")

    look_again(request=request, by=analyst)
    desk.read()

    request.refresh_from_db()
    assert ids_with(request, Outcome.PENDING) == {"v"}
    assert current_preview(request).digest != digest
    assert Scan.objects.count() == 1


# -- Retention -----------------------------------------------------------------------------------------------


def test_whoever_was_seen_since_or_was_never_seen_is_spared_by_the_policy(desk):
    add(desk, visitor("old", days_ago=400), visitor("young", days_ago=3), Visitor("never", None, 0, 0))

    request = scanned(
        desk,
        things(visitors=["old", "young", "never", *(f"x{number}" for number in range(500))]),
        kind=Kind.RETENTION,
        policy_reference="P-7",
        seen_before=clock.today() - dt.timedelta(days=365),
    )

    assert ids_with(request, Outcome.PENDING) == {"old"}
    assert spared(request) == dict.fromkeys(["young", "never"], Spared.SEEN_SINCE)


def test_few_are_spared_by_the_policy_as_many_are(desk):
    add(desk, visitor("old", days_ago=400), visitor("young", days_ago=3))

    request = scanned(
        desk,
        things(visitors=["old", "young"]),
        kind=Kind.RETENTION,
        policy_reference="P-7",
        seen_before=clock.today() - dt.timedelta(days=365),
    )

    assert (ids_with(request, Outcome.PENDING), spared(request)) == ({"old"}, {"young": Spared.SEEN_SINCE})


# -- Proof ---------------------------------------------------------------------------------------------------


def test_another_subscription_certifies_nothing_by_a_scan(desk):
    request = opened(desk, things(emails=["jane@person.example"]))
    desk.fault("foreign", times=None, prefix="/api/")

    desk.read()

    assert (request.targets.count(), desk.paused()) == (0, PauseReason.FOREIGN)
    assert "another subscription" in current_preview(request).trouble


def test_subscription_that_changes_during_a_scan_certifies_nothing_and_the_scan_begins_again(
    desk, monkeypatch
):
    add(desk, visitor("v", "jane@person.example"))
    request = opened(desk, things(emails=["jane@person.example"]))
    pages = count_pages(monkeypatch, then={2: lambda: desk.fault("foreign", times=None, prefix="/api/")})

    desk.read()

    scan = Scan.objects.get()
    assert (len(pages) >= 2, desk.paused()) == (True, PauseReason.FOREIGN)
    assert (scan.step, scan.pages, scan.restarts) == (ScanStep.CLEARING, 0, 1)
    request.refresh_from_db()
    assert request.state == State.PREVIEWING


def count_pages(monkeypatch, then):
    """Pages asked for; before page number n, `then[n]()` happens."""
    pages = []
    ask = client.Pendo.visitors_page

    def counted(self, **how):
        pages.append(how)
        then.get(len(pages), lambda: None)()
        return ask(self, **how)

    monkeypatch.setattr(client.Pendo, "visitors_page", counted)
    return pages


def test_list_that_does_not_rise_proves_nothing_and_is_read_anew(desk, monkeypatch):
    request = opened(desk, things(emails=["jane@person.example"]))
    ask = client.Pendo.visitors_page

    def backwards(self, **how):
        answer, page = ask(self, **how)
        return answer, page[::-1]

    with monkeypatch.context() as patch:
        patch.setattr(client.Pendo, "visitors_page", backwards)
        desk.timings(retry=(3600,))
        desk.read()

    scan = Scan.objects.get()
    assert (request.targets.count(), scan.restarts, scan.due_at > clock.now()) == (0, 1, True)
    assert "did not rise" in current_preview(request).trouble


def test_list_without_the_control_visitors_proves_nothing(desk, monkeypatch, later):
    request = opened(desk, things(visitors=desk.ids(20), emails=["jane@person.example"]))
    controls = set(desk.control_ids())
    ask = client.Pendo.visitors_page

    def without(self, **how):
        answer, page = ask(self, **how)
        return answer, [each for each in page if each.id not in controls]

    with monkeypatch.context() as patch:
        patch.setattr(client.Pendo, "visitors_page", without)
        desk.timings(retry=(3600,))
        desk.read()
    assert not request.targets.filter(outcome=Outcome.NOT_FOUND).exists()
    assert (Scan.objects.get().restarts, request.state) == (1, State.PREVIEWING)
    assert "missing from Pendo's list" in current_preview(request).trouble

    later(hours=2)
    desk.read()

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (
        State.PREVIEWED,
        {Outcome.PENDING: 20, Outcome.NOT_FOUND: 1},
    )
    assert current_preview(request).trouble == ""


def test_list_that_leaves_out_one_control_visitor_who_exists_proves_nothing(desk, monkeypatch):
    request = opened(desk, things(emails=["jane@person.example"]))
    hidden = desk.control_ids()[0]
    ask = client.Pendo.visitors_page

    def without(self, **how):
        answer, page = ask(self, **how)
        return answer, [each for each in page if each.id != hidden]

    monkeypatch.setattr(client.Pendo, "visitors_page", without)
    desk.timings(retry=(3600,))
    desk.read()

    assert (Scan.objects.get().restarts, request.targets.count()) == (1, 0)


@pytest.mark.parametrize("lost", [1, 10, 100])
def test_list_that_is_cut_short_proves_nothing(desk, monkeypatch, lost):
    rest = sorted(desk.pendo.visitors.ids())[-lost]
    request = opened(desk, things(emails=["jane@person.example"]))
    ask = client.Pendo.visitors_page

    def cut(self, **how):
        answer, page = ask(self, **how)
        return answer, [each for each in page if each.id < rest]

    monkeypatch.setattr(client.Pendo, "visitors_page", cut)
    desk.timings(retry=(3600,))
    desk.read()

    assert (Scan.objects.get().restarts, request.targets.count()) == (1, 0)


def test_control_visitors_who_are_gone_meanwhile_are_no_hole_in_the_list(desk):
    for gone in desk.control_ids()[:3]:
        desk.pendo.visitors.remove(gone)

    assert scanned(desk, things(emails=["jane@person.example"])).state == State.NOTHING_FOUND


@pytest.mark.parametrize("fault", ["html", "garbage", "empty_200"])
def test_odd_page_is_asked_for_again_after_a_wait_and_holds_up_no_other_work(desk, fault, later):
    scanning_one, other = opened(desk, things(emails=["jane@person.example"])), desk.opened(desk.ids(1))
    desk.timings(retry=(60, 3600))
    desk.fault(fault, times=None, prefix=AGGREGATION)

    desk.read()

    other.refresh_from_db()
    assert (other.state, desk.lane(LaneKind.READ).failures) == (State.PREVIEWED, 0)
    assert (Scan.objects.get().refusals, Scan.objects.get().restarts) == (1, 0)
    assert "no usable answer" in current_preview(scanning_one).trouble

    later(minutes=2)
    desk.read()
    assert Scan.objects.get().refusals == 2

    desk.well()
    later(hours=2)
    desk.read()
    scanning_one.refresh_from_db()
    assert scanning_one.state == State.NOTHING_FOUND


def test_silent_pendo_makes_a_scan_wait_where_it_is(desk, monkeypatch):
    request = opened(desk, things(emails=["jane@person.example"]))
    count_pages(monkeypatch, then={3: lambda: desk.fault("status_503", times=None, prefix="/api/")})

    desk.read()

    scan = Scan.objects.get()
    assert (scan.pages, scan.records, scan.restarts) == (2, 2 * A_PAGE, 0)
    assert "doesn't answer" in current_preview(request).trouble

    desk.well()
    desk.read()
    request.refresh_from_db()
    assert request.state == State.NOTHING_FOUND
    assert Scan.objects.get().records == len(desk.pendo.visitors.ids())


def test_short_page_in_the_middle_is_not_the_end(desk, monkeypatch):
    add(desk, visitor("zz last", "jane@person.example"))
    request = opened(desk, things(emails=["jane@person.example"]))
    ask = client.Pendo.visitors_page

    def short(self, **how):
        answer, page = ask(self, **how)
        return answer, page[: A_PAGE // 2]

    monkeypatch.setattr(client.Pendo, "visitors_page", short)
    desk.read()

    assert ids_with(request, Outcome.PENDING) == {"zz last"}


# -- Odd ids -------------------------------------------------------------------------------------------------


def test_ids_that_cannot_be_quoted_are_read_and_each_once(desk):
    odd = [f'm"{number}' for number in range(A_PAGE - 5)] + ["m🚀", "m\u200d", "m\\", "m/../%2F", "m '"]
    add(desk, *(visitor(each, "info@company.example") for each in odd))

    request = scanned(desk, things(emails=["info@company.example"]))

    assert spared(request).keys() == set(odd)
    scan = Scan.objects.get()
    assert scan.records == len(desk.pendo.visitors.ids())
    assert Tally.objects.get().count == len(odd)


def test_more_ids_than_a_page_has_that_cannot_be_quoted_are_read_by_a_longer_page(desk):
    add(desk, *(visitor(f'm"{number:03}', "info@company.example") for number in range(A_PAGE + 5)))

    request = scanned(desk, things(emails=["info@company.example"]))

    assert len(spared(request)) == Tally.objects.get().count == A_PAGE + 5
    assert Scan.objects.get().records == len(desk.pendo.visitors.ids())


def test_last_ids_that_cannot_be_quoted_are_the_end(desk):
    add(desk, *(visitor(f'🛑"{number:03}', "info@company.example") for number in range(3)))

    assert len(ids_with(scanned(desk, things(emails=["info@company.example"])), Outcome.PENDING)) == 3


def test_too_many_ids_that_cannot_be_quoted_prove_nothing_and_the_preview_says_so(desk):
    add(desk, *(visitor(f'm"{number:03}') for number in range(2 * A_PAGE + 1)))
    desk.timings(retry=(3600,))
    request = opened(desk, things(emails=["jane@person.example"]))

    desk.read()

    assert Scan.objects.get().restarts == 1
    assert "quotation marks" in current_preview(request).trouble


# -- Interrupted ---------------------------------------------------------------------------------------------


def test_scan_that_is_cut_after_each_step_goes_on_with_the_next_slice(desk):
    add(desk, visitor("0", "jane@person.example"), visitor("zz", "jane@person.example"))
    request = opened(desk, things(emails=["jane@person.example"]))
    steps = len(desk.pendo.visitors.ids()) // A_PAGE + 5

    with open_pendo(desk.subscription) as pendo:
        for _ in range(steps):
            scanning.scan_slice(pendo, desk.subscription, lambda: False)
    tasks.tick()

    request.refresh_from_db()
    assert request.state == State.PREVIEWED
    assert ids_with(request, Outcome.PENDING) == {"0", "zz"}


# Who is killed closes no cursor.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:.*ServerSideCursor:ResourceWarning")
def test_reader_killed_at_any_moment_of_a_scan_leaves_it_to_the_next(desk, monkeypatch):
    # A first page, one in the middle, and a last one: a story is told for each of them.
    for module in (scanning, scans):
        monkeypatch.setattr(module, "PAGE", 2 * A_PAGE)
    add(desk, *(visitor(f"{mark}v", "jane@person.example", ["Club 7"]) for mark in "0Mz"))
    desk.pendo.accounts.add({"Club 7": Account("Club 7", "The club", 1, 2)})
    asked = things(visitors=desk.ids(5), accounts=["Club 7"], emails=["jane@person.example", "no@no.example"])
    everybody = len(desk.pendo.visitors.ids())
    for number in itertools.count(1):
        request = opened(desk, asked)
        died = desk.kill(desk.read, when=at_moment(number))
        desk.run()
        request.refresh_from_db()
        assert request.state == State.PREVIEWED
        assert outcomes(request) == {Outcome.PENDING: 9, Outcome.NOT_FOUND: 1}
        assert request.scans.get().records == everybody
        assert request.scans.get().tallies.get().count == 3
        if not died:
            break

    # Taken, each page kept by itself, counted, freed.
    assert number > 3 + everybody // (2 * A_PAGE) + 1


def test_request_cancelled_during_its_scan_gets_no_more_targets(desk, monkeypatch, analyst):
    add(desk, visitor("zz", "jane@person.example"))
    request = opened(desk, things(emails=["jane@person.example"]))
    count_pages(monkeypatch, then={2: lambda: cancel(request=request, by=analyst, reason="No.")})

    desk.read()

    request.refresh_from_db()
    assert (request.state, request.targets.count()) == (State.CANCELLED, 0)
    assert not desk.subscription.lanes.filter(failures__gt=0).exists()


def test_scan_and_other_work_do_not_starve_each_other(desk):
    opened(desk, things(emails=["jane@person.example"]))
    others = [desk.opened(desk.ids(1, start)) for start in range(4)]
    few = iter([True, True] + [False] * 99)

    with open_pendo(desk.subscription) as pendo:
        read_slice(pendo, desk.subscription, lambda: next(few))

    assert Scan.objects.get().step != ScanStep.CLEARING
    assert sum(each.targets.filter(looked_up_at__isnull=False).count() for each in others) == 2


# -- Guides --------------------------------------------------------------------------------------------------


def guides(desk, state=None):
    return [guide.id for guide in desk.pendo.guides.values() if state in {None, guide.state}]


def pairs(request, outcome):
    vault = targets_vault(request)
    return {
        (each.guide, target_id(vault, each), each.everybody)
        for each in request.targets.filter(outcome=outcome)
    }


def reset_of(desk, asked, **wish):
    request = opened(desk, asked, kind=Kind.GUIDE_RESET, **wish)
    desk.read()
    request.refresh_from_db()
    return request


def test_guides_are_reset_for_each_visitor_who_exists(desk):
    (one, other), (ana, ben) = guides(desk)[:2], desk.ids(2)

    request = reset_of(desk, things(guides=[one, other, "gone"], visitors=[ana, ben, "nobody"]))

    assert pairs(request, Outcome.PENDING) == {
        (guide, name, False) for guide in (one, other) for name in (ana, ben)
    }
    assert len(pairs(request, Outcome.NOT_FOUND)) == 5
    details = details_of(targets_vault(request), request.targets.filter(guide=one).first())
    assert details["guide"] == desk.pendo.guides[one].name
    routes = [call.route for call in desk.world.books.since(0)]
    assert routes.count("/api/v1/visitor/{id}") < 40


def test_all_guides_are_reset_where_only_the_visitor_is_named(desk):
    [ana] = desk.ids(1)

    assert pairs(reset_of(desk, things(visitors=[ana])), Outcome.PENDING) == {("", ana, False)}


def test_only_a_staged_guide_can_be_reset_for_everybody(desk):
    staged, public = guides(desk, "staged")[0], guides(desk, "public")[0]

    request = reset_of(desk, things(guides=[staged, public, "gone"]), for_everybody=True)

    assert pairs(request, Outcome.PENDING) == {(staged, "", True)}
    assert pairs(request, Outcome.NOT_FOUND) == {(public, "", True), ("gone", "", True)}
    assert request.targets.get(guide=public).spared_because == Spared.NOT_STAGED
    assert request.targets.get(guide="gone").spared_because == ""


def all_staged(desk, **wish):
    return reset_of(desk, [Thing(AskedKind.STAGED, "")], for_everybody=True, **wish)


def test_all_staged_guides_are_those_that_the_preview_finds_staged(desk):
    staged = guides(desk, "staged")

    request = all_staged(desk)
    named = reset_of(desk, things(guides=staged), for_everybody=True)

    assert len(staged) > 1
    assert pairs(request, Outcome.PENDING) == {(guide, "", True) for guide in staged}
    assert request.targets.count() == current_preview(request).found == len(staged)
    digests = [set(each.targets.values_list("guide", "digest")) for each in (request, named)]
    assert digests[0] == digests[1]
    target = request.targets.get(guide=staged[0])
    details = details_of(targets_vault(request), target)
    assert details["guide"] == desk.pendo.guides[staged[0]].name


def test_a_guide_is_wiped_only_if_it_was_staged_in_the_preview_and_still_is(desk, second_officer):
    (kept, unstaged, *others), later = guides(desk, "staged"), guides(desk, "public")[0]
    request = all_staged(desk)
    for person in (desk.officer, second_officer):
        give_approval(request, person)
        request.refresh_from_db()
    desk.pendo.guides[later].state, desk.pendo.guides[unstaged].state = "staged", "draft"
    Request.objects.filter(pk=request.pk).update(grace_until=clock.now())

    desk.run()

    assert {(each.guide, each.visitor) for each in desk.pendo.resets} == {
        (guide, None) for guide in (kept, *others)
    }
    assert pairs(request, Outcome.FAILED) == {(unstaged, "", True)}


def test_another_look_at_all_staged_guides_finds_those_of_then(desk, analyst):
    request, (gone, *others), later = all_staged(desk), guides(desk, "staged"), guides(desk, "public")[0]
    desk.pendo.guides[later].state, desk.pendo.guides[gone].state = "staged", "draft"

    look_again(request=request, by=analyst)
    desk.read()

    assert pairs(request, Outcome.PENDING) == {(guide, "", True) for guide in (later, *others)}
    assert request.targets.count() == len(others) + 1


def test_all_staged_guides_are_not_found_where_none_is_staged(desk):
    for guide in desk.pendo.guides.values():
        guide.state = "draft"

    request = all_staged(desk)

    assert request.state == State.NOTHING_FOUND
    assert pairs(request, Outcome.NOT_FOUND) == {("", "", True)}
    assert name_of(targets_vault(request), request.targets.get()) == "all staged guides for everybody"


def test_guides_are_reset_for_whoever_has_the_e_mail_address(desk):
    [guide] = guides(desk)[:1]
    add(desk, visitor("v", "jane@person.example"), visitor("w", "Jane@person.example"))

    request = reset_of(desk, things(guides=[guide, "gone"], emails=["jane@person.example"]))

    assert pairs(request, Outcome.PENDING) == {(guide, "v", False)}
    assert pairs(request, Outcome.NOT_FOUND) == {("gone", "v", False), ("gone", "w", False)}
    assert pairs(request, Outcome.SPARED) == {(guide, "w", False)}


# -- Do Not Process ------------------------------------------------------------------------------------------


def test_readmission_finds_who_is_marked_whether_a_visitor_or_not(desk):
    [ana, ben] = desk.ids(2)
    desk.mark(ana, "erased long ago")

    request = scanned(
        desk, things(visitors=[ana, ben, "erased long ago"]), kind=Kind.READMISSION, note="Back."
    )

    assert ids_with(request, Outcome.PENDING) == {ana, "erased long ago"}
    assert ids_with(request, Outcome.NOT_FOUND) == {ben}
    assert details_of(targets_vault(request), request.targets.filter(outcome=Outcome.PENDING).first())[
        "do_not_process"
    ]
