"""What names visitors without naming any: found by a scan, and compared once more before it is sent."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.execution import listing, scanning, tasks
from compliance.execution.fruitless import MOST_TRIES
from compliance.execution.listing import NO_REPORT, NO_SEGMENT
from compliance.sandbox.keys import OTHER_WRITE_KEY
from compliance.sandbox.lists import Report, Segment
from compliance.sandbox.records import Account, AppVisits, Visitor
from compliance.subscriptions.models import LaneKind
from compliance.workflow import listings, scans
from compliance.workflow.guards import known_visitors
from compliance.workflow.models import Listing, Member, Way
from compliance.workflow.offerings import offered_by, want_offerings
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import AskedKind, Kind, Outcome, Spared, State, TargetKind, Why
from compliance.workflow.things import Thing, named
from tests.request_fixtures import give_approval
from tests.workflow_fixtures import ids_with, outcomes

A_PAGE = 40
DAY_MS = 86_400_000
AGGREGATION, SEGMENT_API = "/api/v1/aggregation", "/api/v1/segment/"


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    for module in (scanning, scans):
        monkeypatch.setattr(module, "PAGE", A_PAGE)


def visitor(name, email=None, days_ago=10, **more):
    seen = int(clock.now().timestamp() * 1000) - days_ago * DAY_MS
    return Visitor(name, email, seen, seen, **more)


def add(desk, *visitors):
    desk.pendo.add_visitors(*visitors)


def begins_with(prefix):
    return lambda record: record.id.startswith(prefix)


def add_segment(desk, identifier="s1", rule=None, **more):
    made = Segment(identifier, "QA visitors", rule or begins_with("qa-"), **more)
    desk.pendo.segments[identifier] = made
    return made


def add_report(desk, identifier="r1", kind="visitor", **more):
    values = {"rule": begins_with("qa-"), **more}
    made = Report(identifier, "Nightly", kind, **values)
    desk.pendo.reports[identifier] = made
    return made


def scanned(desk, *things, kind=Kind.TEST_DATA, **wish):
    request = desk.opened([], things=list(things), kind=kind, law="", **wish)
    desk.read()
    request.refresh_from_db()
    return request


def executing(desk, *things, **wish):
    """Approved, and its first batches stand; nothing was sent yet."""
    request = scanned(desk, *things, **wish)
    give_approval(request, desk.officer)
    tasks.move_on()
    request.refresh_from_db()
    assert request.state == State.EXECUTING
    return request


def why(request):
    vault = targets_vault(request)
    return {target_id(vault, each): each.why for each in request.targets.all()}


# -- Patterns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thing", "found"),
    [
        (Thing(AskedKind.PREFIX, "qa-"), {"qa-1", "qa-2@qa.example"}),
        (Thing(AskedKind.SUFFIX, "-tmp"), {"run-tmp"}),
        (Thing(AskedKind.EMAIL_DOMAIN, "qa.example"), {"qa-2@qa.example", "run-tmp"}),
        (Thing(AskedKind.METADATA, "custom.environment=qa"), {"qa-1"}),
        (Thing(AskedKind.METADATA, "custom.runs=3"), {"run-tmp"}),
        (Thing(AskedKind.METADATA, "custom.note=a=b"), {"QA-other"}),
    ],
)
def test_exactly_those_whom_the_pattern_means_are_found_letter_case_counts(desk, thing, found):
    add(
        desk,
        visitor("qa-1", custom=(("environment", "qa"),)),
        visitor("QA-other", custom=(("environment", "QA"), ("note", "a=b"))),
        visitor("qa-2@qa.example", custom=(("environment", ["qa"]),)),
        visitor("run-tmp", "Run@QA.Example", custom=(("runs", 3),)),
        visitor("sub", "run@sub.qa.example"),
    )

    request = scanned(desk, thing)

    assert ids_with(request, Outcome.PENDING) == found
    assert set(why(request).values()) == {Why(thing.kind.value)}
    assert known_visitors(desk.subscription) == 205


def test_who_is_named_and_fits_a_pattern_is_one_target_by_the_name(desk):
    add(desk, visitor("qa-1"))

    request = scanned(desk, Thing(AskedKind.PREFIX, "qa-"), *named(AskedKind.VISITOR, ["qa-1"]))

    assert why(request) == {"qa-1": Why.EXACT_ID}


def test_guides_are_reset_for_whom_a_pattern_means(desk):
    add(desk, visitor("qa-1"), visitor("qa-2"))
    guide = next(iter(desk.pendo.guides))

    request = executing(
        desk, Thing(AskedKind.PREFIX, "qa-"), Thing(AskedKind.GUIDE, guide), kind=Kind.GUIDE_RESET
    )
    desk.call()

    assert {(each.guide, each.visitor) for each in desk.pendo.resets} == {(guide, "qa-1"), (guide, "qa-2")}
    assert outcomes(request) == {Outcome.RESET: 2}


def test_a_policy_spares_who_was_seen_since_in_whatever_application(desk):
    now = int(clock.now().timestamp() * 1000)
    add(desk, visitor("qa-old", days_ago=90))
    add(desk, visitor("qa-app", days_ago=90, apps=(AppVisits(7, now, now, ("Acme",)),)))

    request = scanned(
        desk,
        Thing(AskedKind.PREFIX, "qa-"),
        kind=Kind.RETENTION,
        policy_reference="P-1",
        seen_before=clock.today() - dt.timedelta(days=30),
    )

    assert ids_with(request, Outcome.PENDING) == {"qa-old"}
    assert ids_with(request, Outcome.SPARED) == {"qa-app"}


# -- Segments ------------------------------------------------------------------------------------------------


def test_members_of_a_shared_segment_are_found_page_by_page(desk):
    add(desk, *(visitor(f"qa-{number:03}") for number in range(90)))
    add_segment(desk)

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    assert len(ids_with(request, Outcome.PENDING)) == 90
    assert set(why(request).values()) == {Why.SEGMENT}
    assert Listing.objects.get().way == Way.PAGES


def test_segment_that_mixes_rules_about_accounts_goes_by_an_export_job_that_is_followed(desk):
    desk.set(export_after=60)
    add(desk, visitor("qa-1"), visitor("qa-2"))
    add_segment(desk, by_accounts=True)

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))
    row = Listing.objects.get()
    assert (request.state, row.way, row.word) == (State.PREVIEWING, Way.EXPORT, "running")

    desk.set(export_after=0)
    Listing.objects.update(due_at=clock.now())
    desk.read()

    request.refresh_from_db()
    assert (request.state, ids_with(request, Outcome.PENDING)) == (State.PREVIEWED, {"qa-1", "qa-2"})


def test_segment_that_the_pipeline_refuses_goes_by_an_export_job(desk):
    desk.set(export_after=0)
    add(desk, visitor("qa-1"))
    add_segment(desk, alone=False)

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    way = Listing.objects.get(replaced=False).way
    assert (way, ids_with(request, Outcome.PENDING)) == (Way.EXPORT, {"qa-1"})


@pytest.mark.parametrize(("prefix", "found"), [("nobody-", 0), ("", 201)], ids=["nobody", "everybody"])
def test_pages_as_if_the_operator_meant_nothing_are_not_believed_and_an_export_says(desk, prefix, found):
    desk.set(export_after=0)
    add(desk, visitor("qa-1"))
    add_segment(desk, rule=begins_with(prefix))

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    assert Listing.objects.get(replaced=False).way == Way.EXPORT
    assert request.targets.count() == found
    assert (request.state == State.NOTHING_FOUND) is (found == 0)


def test_pages_that_pendo_never_answers_are_left_for_an_export_and_hold_up_nothing_else(desk):
    desk.set(export_after=0)
    add(desk, visitor("qa-1"))
    add_segment(desk)
    request = desk.opened([], things=[Thing(AskedKind.SEGMENT, "s1")], kind=Kind.TEST_DATA, law="")
    [listing_row] = listings.due_listings(desk.subscription)
    listings.go_by(listing_row, Way.PAGES, of="visitor")
    Listing.objects.update(refusals=listing.TRIES_BY_PAGES)
    desk.fault("status_500", times=1, prefix=AGGREGATION)

    desk.read()

    assert Listing.objects.get(replaced=False).way == Way.EXPORT
    assert ids_with(request, Outcome.PENDING) == {"qa-1"}


def test_job_whose_word_nobody_knows_is_waited_for_and_told_of_once_it_is_late(desk, later):
    desk.set(export_after=0, export_word="half-baked")
    add(desk, visitor("qa-1"))
    add_segment(desk, by_accounts=True)

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))
    assert (request.state, listings.troubles_of(request)) == (State.PREVIEWING, [])
    later(minutes=31)
    Listing.objects.update(due_at=clock.now())
    desk.read()

    [trouble] = listings.troubles_of(request)
    assert "hasn't finished its export" in trouble
    assert "“half-baked”" in trouble
    assert not Member.objects.exists()


def test_job_that_pendo_says_has_failed_is_begun_anew(desk):
    desk.set(export_after=0, export_word="failed")
    add(desk, visitor("qa-1"))
    add_segment(desk, by_accounts=True)

    request = desk.opened([], things=[Thing(AskedKind.SEGMENT, "s1")], kind=Kind.TEST_DATA, law="")
    desk.timings(retry=(3600,))
    desk.read()
    desk.set(export_word="finished")
    Listing.objects.update(due_at=clock.now())
    desk.read()

    assert ids_with(request, Outcome.PENDING) == {"qa-1"}
    assert len(desk.pendo.exports) == 2


@pytest.mark.parametrize("shared", [None, False], ids=["gone", "private"])
def test_segment_that_is_gone_or_private_is_told_of_and_is_not_nothing_found(desk, shared):
    desk.timings(retry=(3600,))
    if shared is not None:
        add_segment(desk, shared=shared)
    add(desk, visitor("qa-1"))

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    assert request.state == State.PREVIEWING
    assert listings.troubles_of(request) == [f"{desk.subscription.name}: {NO_SEGMENT}"]
    assert not request.targets.exists()


def test_segment_that_is_shared_afterwards_is_read_by_itself(desk):
    desk.timings(retry=(3600,))
    add(desk, visitor("qa-1"))
    segment = add_segment(desk, shared=False)
    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    segment.shared = True
    Listing.objects.update(due_at=clock.now())
    desk.read()

    request.refresh_from_db()
    assert (request.state, listings.troubles_of(request)) == (State.PREVIEWED, [])


def test_page_with_half_an_answer_is_asked_for_again(desk):
    add(desk, *(visitor(f"qa-{number:03}") for number in range(90)))
    add_segment(desk)
    desk.fault("status_500", times=2, prefix=SEGMENT_API)

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))
    for _ in range(3):
        desk.read()

    assert len(ids_with(request, Outcome.PENDING)) == 90


# -- Reports -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["", "visitor_id", "id"])
def test_visitors_of_a_public_report_are_found_whatever_their_column_is_called(desk, column):
    add(desk, visitor("qa-1"), visitor("qa-2"))
    add_report(desk, column=column)

    request = scanned(desk, Thing(AskedKind.REPORT, "r1"))

    assert why(request) == {"qa-1": Why.REPORT, "qa-2": Why.REPORT}


def test_accounts_of_a_report_are_targets_with_their_visitors(desk):
    desk.pendo.accounts.add({name: Account(name, name, 1, 2) for name in ("qa-acct", "real")})
    add(desk, visitor("one", accounts=("qa-acct",)), visitor("two", accounts=("qa-acct", "real")))
    add_report(desk, kind="account")

    request = scanned(desk, Thing(AskedKind.REPORT, "r1"))

    assert why(request) == {"qa-acct": Why.REPORT, "one": Why.OF_ACCOUNT, "two": Why.OF_ACCOUNT}
    assert ids_with(request, Outcome.PENDING) == {"qa-acct", "one"}
    assert request.targets.get(outcome=Outcome.SPARED).spared_because == Spared.SEVERAL_ACCOUNTS
    assert request.targets.get(why=Why.REPORT).kind == TargetKind.ACCOUNT


def test_guides_are_reset_for_the_visitors_of_the_accounts_of_a_report(desk):
    desk.pendo.accounts.add({"qa-acct": Account("qa-acct", "qa", 1, 2)})
    add(desk, visitor("one", accounts=("qa-acct",)))
    add_report(desk, kind="account")

    request = scanned(desk, Thing(AskedKind.REPORT, "r1"), kind=Kind.GUIDE_RESET)

    assert {(each.kind, each.why) for each in request.targets.all()} == {(TargetKind.GUIDE, Why.OF_ACCOUNT)}


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (None, NO_REPORT),
        ({"public": False}, NO_REPORT),
        ({"sort": "Funnel"}, "(Funnel) can't be read from outside Pendo"),
        ({"column": "shoe size"}, "has no column of visitor ids. Its columns: shoe size, lastVisitAt."),
    ],
    ids=["gone", "private", "funnel", "no ids"],
)
def test_report_that_cannot_be_read_is_told_of_and_nothing_is_matched(desk, report, words):
    desk.timings(retry=(3600,))
    add(desk, visitor("qa-1"))
    if report is not None:
        add_report(desk, **report)

    request = scanned(desk, Thing(AskedKind.REPORT, "r1"))

    assert request.state == State.PREVIEWING
    [trouble] = listings.troubles_of(request)
    assert words in trouble


def test_a_segment_of_one_subscription_is_told_of_in_the_other_and_nothing_goes_on_without_it(
    desk, make_subscription
):
    desk.timings(retry=(3600,))
    add(desk, visitor("qa-1"))
    add_segment(desk)
    other = make_subscription(desk.sandbox, key=OTHER_WRITE_KEY)

    request = desk.opened(
        [],
        things=[Thing(AskedKind.SEGMENT, "s1")],
        kind=Kind.TEST_DATA,
        law="",
        subscriptions=[desk.subscription, other],
    )
    desk.read()
    desk.work(LaneKind.READ, other)

    request.refresh_from_db()
    assert request.state == State.PREVIEWING
    assert listings.troubles_of(request) == [f"{other.name}: {NO_SEGMENT}"]


def test_list_with_more_members_than_a_request_takes_is_told_of(desk, monkeypatch):
    desk.timings(retry=(3600,))
    for module in (listings, listing):
        monkeypatch.setattr(module, "MOST_MEMBERS", 50)
    add(desk, *(visitor(f"qa-{number:03}") for number in range(90)))
    add_segment(desk)

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    assert request.state == State.PREVIEWING
    [trouble] = listings.troubles_of(request)
    assert "Divide it in Pendo" in trouble


def test_job_that_pendo_forgets_is_begun_anew_after_a_wait_and_not_at_once(desk):
    desk.set(export_after=60)
    desk.timings(retry=(3600,), ask=(0,))
    add(desk, visitor("qa-1"))
    add_segment(desk, by_accounts=True)
    desk.fault("missing_404", times=None, prefix=f"{SEGMENT_API}s1/visitors/")

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    assert len(desk.pendo.exports) == 1
    assert "doesn't know its export" in listings.troubles_of(request)[0]


def test_key_that_may_not_begin_an_export_is_told_of_and_stays_in_use(desk):
    desk.timings(retry=(3600,))
    add_segment(desk, by_accounts=True)
    desk.fault("forbidden", times=None, prefix=f"{SEGMENT_API}s1/visitors")

    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    desk.subscription.refresh_from_db()
    assert not desk.subscription.paused
    assert "doesn't let this key begin an export" in listings.troubles_of(request)[0]


def test_members_read_of_another_subscription_never_count(desk):
    add(desk, visitor("qa-1"))
    add_segment(desk)
    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))

    scans.start_all_anew(desk.subscription)

    assert not request.listings.read().exists()


# -- What the form offers ------------------------------------------------------------------------------------


def test_shared_segments_and_public_reports_are_read_when_somebody_wants_them(desk):
    add_segment(desk)
    add_segment(desk, "s2", shared=False)
    add_report(desk, sort="Path")
    want_offerings([desk.subscription])

    desk.run()

    [offered] = offered_by([desk.subscription])
    assert [(each.id, each.readable) for each in offered.offers] == [("s1", True), ("r1", False)]


def test_offer_without_a_usable_answer_is_asked_for_again(desk):
    desk.timings(retry=(3600,))
    want_offerings([desk.subscription])
    desk.fault("html", prefix="/api/v1/report")

    desk.run()

    [offered] = offered_by([desk.subscription])
    assert (offered.read_at, offered.being_read) == (None, True)


# -- Once more before sending --------------------------------------------------------------------------------


@pytest.fixture
def of_each(desk):
    """Two visitors whom every source means, and a request that names them by the source."""
    add(desk, *(visitor(name, "x@qa.example", custom=(("env", "qa"),)) for name in ("qa-1", "qa-2")))
    add_segment(desk)
    add_report(desk)
    return lambda thing, **wish: executing(desk, thing, **wish)


def leaves(desk, name, thing):
    """The visitor is there as before, and the source means it no more."""
    add(desk, visitor(name))
    desk.pendo.segments["s1"].rule = desk.pendo.reports["r1"].rule = lambda record: record.id == "qa-1"
    if thing.kind in {AskedKind.SEGMENT, AskedKind.REPORT}:
        old = clock.now() - 2 * listings.FRESH
        Listing.objects.update(read_at=old)


FOUND_BY = [
    Thing(AskedKind.EMAIL_DOMAIN, "qa.example"),
    Thing(AskedKind.METADATA, "custom.env=qa"),
    Thing(AskedKind.SEGMENT, "s1"),
    Thing(AskedKind.REPORT, "r1"),
]


@pytest.mark.parametrize("thing", FOUND_BY, ids=lambda thing: thing.kind.value)
def test_who_is_not_meant_any_more_is_spared_and_the_others_are_sent(desk, of_each, thing):
    request = of_each(thing)
    leaves(desk, "qa-2", thing)

    desk.send()
    desk.read()
    desk.send()

    assert desk.accepted() == [["qa-1"]]
    assert ids_with(request, Outcome.SPARED) == {"qa-2"}
    assert request.targets.get(outcome=Outcome.SPARED).spared_because == Spared.NO_MATCH


@pytest.mark.parametrize("thing", FOUND_BY, ids=lambda thing: thing.kind.value)
def test_guides_are_not_reset_for_whom_is_not_meant_any_more(desk, of_each, thing):
    request = of_each(thing, kind=Kind.GUIDE_RESET)
    leaves(desk, "qa-2", thing)

    desk.call()
    desk.read()
    desk.call()

    assert [each.visitor for each in desk.pendo.resets] == ["qa-1"]
    assert outcomes(request) == {Outcome.RESET: 1, Outcome.SPARED: 1}


def test_while_a_list_is_read_again_its_batch_waits_and_another_goes_on(desk, of_each):
    of_each(FOUND_BY[2])
    Listing.objects.update(read_at=clock.now() - 2 * listings.FRESH)
    other = desk.executing(desk.ids(1))

    desk.send()

    assert desk.accepted() == [[next(iter(ids_with(other, Outcome.ACCEPTED)))]]
    assert Listing.objects.unread().filter(scan=None).count() == 1


def test_segment_that_is_private_when_it_is_sent_sends_nothing_and_a_person_is_told(desk, of_each):
    request = of_each(FOUND_BY[2])
    Listing.objects.update(read_at=clock.now() - 2 * listings.FRESH)
    desk.pendo.segments["s1"].shared = False
    desk.timings(retry=(0,) * (MOST_TRIES - 1) + (3600,))

    desk.run()

    assert (desk.posts(), outcomes(request)) == ([], {Outcome.PENDING: 2})
    assert request.attentions.filter(settled_at=None).count() == 1


def test_who_cannot_be_asked_about_waits(desk, of_each):
    request = of_each(FOUND_BY[1])
    desk.timings(retry=(3600,))
    desk.fault("status_500", times=None, prefix=AGGREGATION)
    desk.fault("status_500", times=None, prefix="/api/v1/visitor")

    desk.work(LaneKind.BULK)

    assert (desk.posts(), outcomes(request)) == ([], {Outcome.PENDING: 2})


def test_visitors_of_an_account_that_left_the_report_are_spared_with_it(desk):
    desk.pendo.accounts.add({name: Account(name, name, 1, 2) for name in ("qa-a", "qa-b")})
    add(desk, visitor("one", accounts=("qa-a",)), visitor("two", accounts=("qa-b",)))
    report = add_report(desk, kind="account")
    request = executing(desk, Thing(AskedKind.REPORT, "r1"))
    report.rule = begins_with("qa-a")
    Listing.objects.update(read_at=clock.now() - 2 * listings.FRESH)

    for _ in range(3):
        desk.send()
        desk.read()

    assert ids_with(request, Outcome.ACCEPTED) == {"qa-a", "one"}
    assert ids_with(request, Outcome.SPARED) == {"qa-b", "two"}


def test_readings_that_count_no_more_are_removed(desk):
    add(desk, visitor("qa-1"))
    add_segment(desk)
    request = scanned(desk, Thing(AskedKind.SEGMENT, "s1"))
    listings.replace_all(request)

    while listings.remove_some_replaced():
        pass

    assert (Listing.objects.count(), Member.objects.count()) == (0, 0)
