"""Recording a request, and changing what it asks."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock, keyring
from compliance.core.errors import Refused
from compliance.laws.registry import get_law
from compliance.people.roles import Role
from compliance.workflow import opening
from compliance.workflow.enabled_laws import enable_law
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.models import Request, SubjectDigest
from compliance.workflow.opening import MOST_ASKED, open_request, revise_request
from compliance.workflow.sealing import Subject, note_of, subject_of
from compliance.workflow.states import AskedKind, Kind, State
from compliance.workflow.things import Terms, Thing, named
from tests.request_fixtures import asked_values, events_of, give_approval, look_up

ODD_IDS = ["Anna", "anna", "jane+tag@person.example", "näme/ß ü", "👩\u200d💻", "a\u2028b"]
JANE = Subject(name="Jane Doe", email="Jane@Person.example")


def test_a_request_stands_with_its_clocks_and_its_preview_under_way(new_request, analyst):
    request = new_request(law="EU_GDPR", received_on=clock.today() - dt.timedelta(days=3))

    assert request.state == State.PREVIEWING
    assert (request.entered_by, request.changed_by) == (analyst, analyst)
    assert request.law_version == get_law("EU_GDPR").version
    assert request.send_by == request.clocks.get(kind="answer").send_by
    assert request.targets.count() == 3
    assert events_of(request) == ["request:opened", "request:preview:started"]


def test_the_days_of_the_answer_stand_beside_the_request(new_request):
    request = new_request(law="EU_GDPR")
    answer = request.clocks.get(kind="answer")

    assert (request.send_by, request.legal_by) == (answer.send_by, answer.legal)
    assert new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None).legal_by is None


def test_a_receipt_before_today_stands_in_the_ledger_beside_the_day_of_entry(new_request, time_machine):
    time_machine.move_to("2026-11-25T12:00:00Z")

    request = new_request(received_on=dt.date(2026, 11, 3))

    entry = entries_of(request.chain).first()
    assert (entry.body["facts"]["received_on"], entry.body["at"][:10]) == ("2026-11-03", "2026-11-25")


def test_the_text_of_the_day_of_receipt_is_kept(new_request, time_machine):
    time_machine.move_to("2026-02-10T12:00:00Z")

    before = new_request(law="UK_GDPR", received_on=dt.date(2026, 2, 4))
    after = new_request(law="UK_GDPR", received_on=dt.date(2026, 2, 5))

    assert [request.law_version for request in (before, after)] == ["2026-02-04", "2026-11-22"]
    assert {clock.article for clock in before.clocks.all()} == {"Art. 12(3) UK GDPR"}
    assert {clock.article for clock in after.clocks.all()} == {"Arts. 12(3) and 12A UK GDPR"}


@pytest.mark.parametrize("law", ["US_CO", "US_OK"], ids=["not enabled", "not in force"])
def test_only_an_enabled_law_in_force_is_taken(new_request, make_person, time_machine, law):
    time_machine.move_to("2026-11-26T12:00:00Z")
    enable_law(code="US_OK", by=make_person(Role.ADMINISTRATOR))

    with pytest.raises(Refused, match="can't be chosen"):
        new_request(law=law)


def test_ids_are_kept_byte_for_byte_and_in_order(new_request):
    assert asked_values(new_request(visitors=ODD_IDS)) == ODD_IDS


def test_what_is_named_twice_is_asked_once(new_request):
    assert asked_values(new_request(visitors=["b", "a", "b"])) == ["b", "a"]


def test_every_id_is_a_target_in_every_subscription(new_request, silent_subscription):
    request = new_request(subscriptions=[silent_subscription(), silent_subscription(production=True)])

    assert request.asked.count() == 3
    assert request.targets.count() == 6


def test_subject_and_note_are_kept_under_seal(new_request):
    request = new_request(subject=JANE, note="She wrote from jane@person.example.")

    assert subject_of(request) == JANE
    assert note_of(request) == "She wrote from jane@person.example."
    assert b"ane" not in bytes(request.sealed_subject) + bytes(request.sealed_note)


def test_the_subjects_address_is_found_again_in_any_case(new_request):
    new_request(subject=JANE)

    digest = SubjectDigest.objects.get()
    assert bytes(digest.digest) == keyring.lookup_digest("email", " jane@person.example ").value


def test_without_an_address_there_is_nothing_to_find(new_request):
    new_request(subject=Subject(name="Jane Doe"))

    assert not SubjectDigest.objects.exists()


def test_while_the_law_is_not_known_the_strictest_one_runs(new_request):
    request = new_request(law="")

    sooner = min(new_request(law=law).send_by for law in ("EU_GDPR", "UK_GDPR", "US_CA"))
    assert request.send_by == sooner
    assert request.law_version == ""


def test_without_a_law_there_are_no_clocks_and_the_kind_says_until_when(new_request):
    request = new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None)

    assert request.send_by == request.received_on + dt.timedelta(days=30)
    assert not request.clocks.exists()


def test_somebody_may_say_until_when_a_request_without_a_law_is_wanted(new_request):
    wanted = clock.today() + dt.timedelta(days=3)

    assert new_request(kind=Kind.TEST_DATA, law="", send_by=wanted).send_by == wanted


def test_a_mailbox_is_known_by_its_address_without_the_tag(new_request):
    tagged, plain = (
        new_request(things=[Thing(AskedKind.EMAIL, address)]).asked.get()
        for address in ("Jane+shop@person.example", "jane@person.example")
    )

    assert tagged.digest != plain.digest
    assert tagged.mailbox_digest == plain.mailbox_digest


@pytest.mark.parametrize(
    "changes",
    [
        {"received_on": dt.date(2999, 1, 1)},
        {"received_on": dt.date(1999, 1, 1)},
        {"law": "XX"},
        {"visitors": []},
        {"visitors": [str(number) for number in range(MOST_ASKED + 1)]},
        {"things": [Thing(AskedKind.GUIDE, "guide")]},
        {"channel": None},
        {"identity": None},
        {"kind": Kind.RETENTION, "law": "", "policy_reference": " "},
        {"kind": Kind.OFFBOARDING},
        {"kind": Kind.OFFBOARDING, "law": "", "subject": JANE},
        {"kind": Kind.OFFBOARDING, "law": "", "policy_reference": "R-7"},
        {"kind": Kind.OFFBOARDING, "law": "", "send_by": clock.today() - dt.timedelta(days=1)},
        {"send_by": clock.today()},
        {"seen_before": clock.today()},
        {"kind": Kind.RETENTION, "law": "", "policy_reference": "R-7", "seen_before": dt.date(2999, 1, 1)},
        {"for_everybody": True},
        {"kind": Kind.READMISSION, "law": "", "note": " "},
        {"kind": Kind.READMISSION, "law": "", "note": "Back.", "things": [Thing(AskedKind.EMAIL, "a@b")]},
        {"things": [Thing(AskedKind.EMAIL, "jane")]},
        {"things": [Thing(AskedKind.STAGED, "")]},
    ],
    ids=[
        "future",
        "long ago",
        "unknown law",
        "nobody",
        "too many",
        "a guide",
        "no channel",
        "no identity",
        "no policy",
        "law without right",
        "person without right",
        "policy without retention",
        "sent before receipt",
        "day beside the law",
        "sparing without policy",
        "sparing nobody",
        "everybody without guides",
        "no reason",
        "readmission by e-mail",
        "no address",
        "staged guides of an erasure",
    ],
)
def test_a_bad_wish_is_refused_and_nothing_is_kept(make_wish, analyst, changes):
    wish = make_wish(**changes)

    with pytest.raises(Refused):
        open_request(wish=wish, by=analyst)
    assert not Request.objects.exists()


@pytest.mark.parametrize("role", set(Role) - {Role.ANALYST, Role.OFFICER})
def test_other_roles_enter_and_change_nothing(make_wish, make_person, new_request, role):
    person, request = make_person(role), new_request()

    with pytest.raises(NotThisPerson):
        open_request(wish=make_wish(), by=person)
    with pytest.raises(NotThisPerson):
        revise_request(
            request=request,
            things=named(AskedKind.VISITOR, ["a"]),
            subscriptions=request.subscriptions.all(),
            by=person,
        )


# -- Guides ------------------------------------------------------------------------------------------------

VISITOR, GUIDE = Thing(AskedKind.VISITOR, "visitor-jane"), Thing(AskedKind.GUIDE, "guide-one")
STAGED = Thing(AskedKind.STAGED, "")


def reset(make_wish, *things, **wish):
    return make_wish(kind=Kind.GUIDE_RESET, law="", things=things, **wish)


@pytest.mark.parametrize(
    ("things", "for_everybody"),
    [([VISITOR], False), ([VISITOR, GUIDE], False), ([GUIDE], True), ([STAGED], True)],
    ids=["all guides of a visitor", "a guide of a visitor", "a guide for everybody", "all staged guides"],
)
def test_guides_are_reset_for_visitors_or_expressly_for_everybody(make_wish, analyst, things, for_everybody):
    request = open_request(wish=reset(make_wish, *things, for_everybody=for_everybody), by=analyst)

    assert request.asked.count() == len(things)


@pytest.mark.parametrize(
    ("things", "for_everybody", "words"),
    [
        ([GUIDE], False, "say that the guides are to be reset for everybody"),
        ([STAGED], False, "say that the guides are to be reset for everybody"),
        ([GUIDE, VISITOR], True, "make two requests"),
        ([STAGED, VISITOR], False, "make two requests"),
        ([GUIDE, STAGED], True, "not both"),
        ([Thing(AskedKind.GUIDE, "staged")], True, "guide id"),
        ([Thing(AskedKind.GUIDE, "all"), VISITOR], False, "guide id"),
        ([Thing(AskedKind.GUIDE, "../staged")], True, "guide id"),
    ],
)
def test_no_guide_is_reset_for_everybody_by_a_slip(make_wish, analyst, things, for_everybody, words):
    with pytest.raises(Refused, match=words):
        open_request(wish=reset(make_wish, *things, for_everybody=for_everybody), by=analyst)


# -- Changing ------------------------------------------------------------------------------------------------


def revise(request, by, visitors=("visitor-nine",), things=None, terms=None):
    revise_request(
        request=request,
        things=things or named(AskedKind.VISITOR, visitors),
        subscriptions=request.subscriptions.all(),
        by=by,
        terms=terms,
    )
    request.refresh_from_db()


def test_a_change_replaces_the_set_and_names_who_made_it(previewed_request, officer):
    request = previewed_request()

    revise(request, officer)

    assert asked_values(request) == ["visitor-nine"]
    assert request.changed_by == officer
    assert request.state == State.PREVIEWING
    assert request.previews.count() == 2
    assert events_of(request)[-2:] == ["request:revised", "request:preview:started"]


def test_terms_stay_as_they_were_unless_others_are_given(previewed_request, analyst):
    day = clock.today() - dt.timedelta(days=400)
    request = previewed_request(
        kind=Kind.RETENTION, law="", policy_reference="R-7", seen_before=day, with_visitors=False
    )
    revise(request, analyst)
    assert (request.with_visitors, request.seen_before) == (False, day)
    look_up(request)

    revise(request, analyst, terms=Terms())

    assert (request.with_visitors, request.seen_before) == (True, None)


def test_that_guides_are_reset_for_everybody_is_said_again_with_each_change(wiping_request, analyst):
    request = wiping_request("guide-one")
    other = [Thing(AskedKind.GUIDE, "guide-two")]

    with pytest.raises(Refused, match="for everybody"):
        revise(request, analyst, things=other)
    revise(request, analyst, things=other, terms=Terms(for_everybody=True))

    assert asked_values(request) == ["guide-two"]


def test_subscriptions_may_be_changed_too(previewed_request, silent_subscription, analyst):
    request, other = previewed_request(), silent_subscription()

    revise_request(
        request=request, things=named(AskedKind.VISITOR, ["a", "b"]), subscriptions=[other], by=analyst
    )

    assert list(request.subscriptions.all()) == [other]
    assert set(request.targets.values_list("subscription", flat=True)) == {other.pk}


def test_a_request_that_was_sent_back_or_found_nothing_may_be_changed(previewed_request, analyst):
    request = previewed_request(visitors=["visitor-one"], absent=["visitor-one"])

    revise(request, analyst)
    look_up(request)

    assert request.state == State.PREVIEWED


def test_while_it_is_looked_up_and_once_approved_the_set_stands(
    new_request, previewed_request, analyst, officer
):
    approved = previewed_request(production=True)
    give_approval(approved, officer)

    for request in (new_request(), approved):
        with pytest.raises(StateChanged):
            revise(request, analyst)
        assert len(asked_values(request)) == 3


@pytest.mark.parametrize("visitors", [[], [str(number) for number in range(MOST_ASKED + 1)]])
def test_a_bad_set_changes_nothing(previewed_request, analyst, visitors):
    request = previewed_request()

    with pytest.raises(Refused):
        revise(request, analyst, visitors)

    assert len(asked_values(request)) == 3
    assert events_of(request)[-1] == "request:preview:ready"


def test_without_a_subscription_nothing_is_opened_or_changed(make_wish, previewed_request, analyst):
    request = previewed_request()
    wish = make_wish()
    wish.subscriptions.clear()

    with pytest.raises(Refused, match="at least one subscription"):
        open_request(wish=wish, by=analyst)
    with pytest.raises(Refused, match="at least one subscription"):
        revise_request(request=request, things=named(AskedKind.VISITOR, ["a"]), subscriptions=[], by=analyst)


def test_a_wish_shows_nobody_in_its_representation(make_wish):
    wish = make_wish(subject=JANE, note="Jane wrote", visitors=["visitor-jane"])

    assert "ane" not in repr(wish)


def test_the_first_entry_says_what_came_in_and_nothing_of_whom(new_request):
    request = new_request(subject=JANE, law="", visitors=["visitor-jane"])

    first = entries_of(request.chain).first()
    assert first.body["facts"]["asked"] == 1
    assert first.body["facts"]["law"] == "a law not yet known"
    assert "ane" not in first.text


def test_a_request_for_which_very_much_was_found_is_not_changed_any_more(
    previewed_request, analyst, monkeypatch
):
    request = previewed_request()
    monkeypatch.setattr(opening, "MOST_REMOVED", 2)

    with pytest.raises(Refused, match="Cancel it, and record"):
        revise(request, analyst)
    assert request.targets.count() == 3
