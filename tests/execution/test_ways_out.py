"""What people do about what was erased and is there again."""

import pytest

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.execution import ways_out
from compliance.execution.models import Cause, Finding, How, Reappearance, WatchResult, WayOut
from compliance.intake.follow_ups import Followed, open_follow_up
from compliance.workflow.approvals import cancel
from compliance.workflow.models import Erased
from compliance.workflow.states import AskedKind, Kind
from compliance.workflow.things import named
from tests.watch_fixtures import recreated, returned

REASON = "A new contract of 1 March"


def kept(finding):
    """Whether anything that Pendo showed of its records is still here."""
    return finding.records.exclude(sealed=None).exists()


def facts(chain, event):
    (entry,) = [each for each in entries_of(chain) if each.event == event]
    return entry.body["facts"]


# -- Explained -----------------------------------------------------------------------------------------------


def test_what_is_explained_is_settled_under_seal_and_what_was_kept_is_destroyed(watch):
    finding = watch.came_back(returned, "u-1", "u-2")

    count = ways_out.explain(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)

    finding.refresh_from_db()
    way_out = WayOut.objects.get()
    assert (count, way_out.how, way_out.person) == (2, How.EXPLAINED, watch.desk.officer)
    assert ways_out.reason_of(way_out) == REASON
    assert REASON.encode() not in bytes(way_out.sealed_reason)
    assert finding.settled_at
    assert not kept(finding)
    chain = watch.desk.subscription.reference
    assert facts(chain, "finding:explained")["records"] == 2
    assert facts(chain, "finding:settled")["finding"] == finding.pk
    assert REASON not in str([entry.text for entry in entries_of(chain)])


def test_what_is_explained_is_not_found_again(watch):
    finding = watch.came_back(returned, "u-1", "u-3", email="jane@person.example")
    ways_out.explain(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)

    assert watch.passed().result == WatchResult.NOTHING


def test_what_is_explained_under_an_older_digest_key_is_not_found_again(watch, settings):
    finding = watch.came_back(returned, "u-1")
    ways_out.explain(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)
    settings.DIGEST_KEYS += ",9:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="

    assert watch.passed().result == WatchResult.NOTHING


def test_an_explanation_of_one_cause_is_none_of_another(watch):
    finding = watch.came_back(recreated, "u-1")
    ways_out.explain(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)
    watch.add(returned("u-1"))

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {"u-1"}}


def test_an_explanation_is_over_once_it_was_erased_again(watch):
    finding = watch.came_back(returned, "u-1")
    ways_out.explain(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)
    watch.erased(returned("u-1"))
    watch.add(returned("u-1"))

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {"u-1"}}


def test_only_those_that_are_ticked_are_settled(watch):
    finding = watch.came_back(returned, "u-1", "u-2")
    ticked = finding.records.order_by("pk").first()

    ways_out.explain(finding=finding, chosen=[ticked.pk], reason=REASON, by=watch.desk.officer)

    finding.refresh_from_db()
    assert finding.settled_at is None
    assert watch.open() == {Cause.RETURNED: {"u-2"}}


@pytest.mark.parametrize("act", [ways_out.explain, ways_out.let_in])
def test_only_an_officer_settles_and_only_with_a_reason(watch, act):
    finding = watch.came_back(returned, "u-1")

    with pytest.raises(Refused, match="privacy officer"):
        act(finding=finding, chosen=(), reason=REASON, by=watch.desk.analyst)
    with pytest.raises(Refused, match="Say why"):
        act(finding=finding, chosen=(), reason="  ", by=watch.desk.officer)

    assert kept(finding)


@pytest.mark.parametrize("act", [ways_out.explain, ways_out.let_in])
def test_nothing_is_settled_twice(watch, act):
    finding = watch.came_back(returned, "u-1")
    act(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)

    with pytest.raises(Refused, match="Nothing is left"):
        act(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)

    assert WayOut.objects.count() == 1


def test_records_of_another_finding_are_not_settled_by_this_one(watch):
    finding = watch.came_back(returned, "u-1")
    watch.erased(recreated("u-2"))
    watch.add(recreated("u-2"))
    watch.passed()
    other = Reappearance.objects.get(finding__cause=Cause.RECREATED)

    with pytest.raises(Refused, match="Nothing is left"):
        ways_out.explain(finding=finding, chosen=[other.pk], reason=REASON, by=watch.desk.officer)


# -- Returned lawfully ---------------------------------------------------------------------------------------


def test_whoever_is_back_lawfully_is_watched_for_no_more_nor_is_the_address(watch):
    finding = watch.came_back(returned, "u-1", email="jane@person.example")

    ways_out.let_in(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)
    watch.add(returned("u-2", "jane@person.example"))

    assert watch.passed().result == WatchResult.NOTHING
    assert set(Erased.objects.values_list("kind", "returned_by")) == {("visitor", None), ("email", None)}
    assert not Erased.objects.filter(returned_at=None).exists()


def test_who_is_let_in_by_the_address_alone_leaves_the_erased_id_watched(watch):
    watch.erased(returned("u-1", "jane@person.example"))
    watch.add(returned("u-2", "jane@person.example"))
    watch.passed()
    finding = Finding.objects.get()

    ways_out.let_in(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)
    watch.add(returned("u-1"))
    watch.passed()

    assert watch.open() == {Cause.RETURNED: {"u-1"}}


def test_an_account_is_let_in_too(watch):
    watch.erased_account("Harbour/Ltd")
    watch.add_account("Harbour/Ltd")
    watch.passed()

    ways_out.let_in(finding=Finding.objects.get(), chosen=(), reason=REASON, by=watch.desk.officer)

    assert watch.passed().result == WatchResult.NOTHING


def test_whoever_is_let_in_and_erased_again_is_watched_for_again(watch):
    finding = watch.came_back(returned, "u-1")
    ways_out.let_in(finding=finding, chosen=(), reason=REASON, by=watch.desk.officer)
    watch.erased(returned("u-1"))
    watch.add(returned("u-1"))

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {"u-1"}}


# -- A new request -------------------------------------------------------------------------------------------


def follow(watch, finding, ids, make_wish, **changes):
    wish = make_wish(visitors=ids, subscriptions=[watch.desk.subscription], **changes)
    return open_follow_up(wish=wish, follows=Followed(finding), by=watch.desk.analyst)


def test_a_new_request_takes_over_those_that_it_names_and_both_histories_say_so(watch, make_wish):
    finding = watch.came_back(returned, "u-1", "u-2")
    former = finding.records.first().erased.request

    request = follow(watch, finding, ["u-1"], make_wish)

    way_out = WayOut.objects.get()
    assert (way_out.how, way_out.request, way_out.count) == (How.REQUEST, request, 1)
    assert watch.open() == {Cause.RETURNED: {"u-2"}}
    assert facts(request.chain, "request:follows") == {
        "finding": finding.pk,
        "subscription": watch.desk.subscription.name,
        "count": 1,
        "others": former.reference,
    }
    followed = facts(watch.desk.subscription.reference, "finding:followed")
    assert followed == {"finding": finding.pk, "records": 1, "request": request.reference}


def test_a_request_that_names_nobody_of_the_finding_settles_nothing(watch, make_wish):
    finding = watch.came_back(returned, "u-1")

    follow(watch, finding, ["somebody else"], make_wish)

    assert watch.open() == {Cause.RETURNED: {"u-1"}}
    assert not WayOut.objects.exists()


def test_whom_a_new_request_has_erased_is_there_no_more(watch, make_wish):
    finding = watch.came_back(returned, "u-1")
    follow(watch, finding, ["u-1"], make_wish)

    assert watch.passed().result == WatchResult.NOTHING


def test_once_the_new_request_is_cancelled_they_are_found_again(watch, make_wish):
    finding = watch.came_back(returned, "u-1")
    request = follow(watch, finding, ["u-1"], make_wish)
    watch.desk.read()
    request.refresh_from_db()
    cancel(request=request, by=watch.desk.analyst, reason="No.")

    watch.passed()

    assert watch.open() == {Cause.RETURNED: {"u-1"}}


def test_a_readmission_takes_them_over_as_well(watch, make_wish):
    finding = watch.came_back(returned, "u-1")
    changes = {"kind": Kind.READMISSION, "law": "", "channel": None, "identity": None, "note": "Back"}

    request = follow(watch, finding, [], make_wish, things=named(AskedKind.VISITOR, ["u-1"]), **changes)

    assert WayOut.objects.get().request == request
    assert watch.passed().result == WatchResult.NOTHING


def test_visitors_let_back_in_by_a_readmission_are_found_neither_by_id_nor_by_address(watch, desk):
    watch.erased(returned("u-1", "jane@person.example"))
    watch.add(returned("u-1", "jane@person.example"))
    kind = {"kind": Kind.READMISSION, "law": "", "channel": None, "identity": None, "note": "Back"}
    desk.executing([], things=named(AskedKind.VISITOR, ["u-1"]), **kind)
    desk.call()
    watch.add(returned("u-2", "jane@person.example"))

    assert watch.passed().result == WatchResult.NOTHING
