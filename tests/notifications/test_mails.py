"""The one table of mail: who gets what."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.template.loader import get_template

from compliance.audit.events import Event
from compliance.core import clock
from compliance.notifications.mails import BY_NAME, MAILS
from compliance.notifications.models import Notice
from compliance.notifications.tasks import deliver
from compliance.people.absence import end_absence, mark_absent
from compliance.people.membership import (
    add_person,
    confirm_role,
    deactivate,
    propose_role,
    reactivate,
)
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from compliance.people.tasks import end_expired_roles
from compliance.people.tokens import allow_token, make_token, revoke_token
from compliance.subscriptions.models import Key, PauseReason, Purpose, Subscription
from compliance.subscriptions.stopping import resume_sending, stop_sending
from compliance.workflow.changers import note_changer
from compliance.workflow.models import Attention, RefusalScope, Request
from compliance.workflow.policy import GENERAL_PLACES, Numbers
from compliance.workflow.policy_changes import agree_to_policy, change_policy, decline_policy
from compliance.workflow.previews import screen_again
from compliance.workflow.refusing import Case, propose_refusal
from compliance.workflow.states import State
from compliance.workflow.tasks import look_after_holds
from tests.hold_fixtures import MATTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_person, mail_server):
    """One person for each role, and a second administrator; what adding them sends is sent."""
    found = {
        role: make_person(role, name=f"The {role.label}", email=f"{role}@colleagues.example") for role in Role
    }
    found["second"] = make_person(Role.ADMINISTRATOR, name="Sam O'Second", email="second@colleagues.example")
    deliver()
    Notice.objects.filter(settled_at__isnull=True).update(settled_at=clock.now())
    mail.outbox.clear()
    return found


def sent():
    deliver()
    return {message.to[0].partition("@")[0]: message for message in mail.outbox}


# -- The table ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_NAME)
def test_every_mail_has_its_two_templates(name):
    assert get_template(f"notifications/{name}.subject.txt")
    assert get_template(f"notifications/{name}.body.txt")


def test_no_two_mails_share_a_name():
    assert len(BY_NAME) == sum(map(len, MAILS.values()))


# -- People ------------------------------------------------------------------------------------------------


def test_a_new_person_is_welcomed_with_a_link_and_other_administrators_hear_of_it(people, client):
    add_person(name="Bo", email="bo@colleagues.example", roles=[Role.QA], by=people[Role.ADMINISTRATOR])

    mails = sent()

    assert set(mails) == {"bo", "second"}
    assert mails["second"].subject == "Erasure Desk: Bo was added"
    assert "The Administrator added Bo to Erasure Desk. Roles held at once: qa." in mails["second"].body
    link = re.search(r"https://desk\.example\.com(/account/password/reset/key/\S+)", mails["bo"].body)
    assert "Set your password" in client.get(link[1], follow=True).content.decode()


def test_who_has_a_password_already_is_not_welcomed(people):
    person = add_person(name="Bo", email="bo@colleagues.example", roles=[Role.QA], by=None)
    person.set_password("a brand new long password")
    person.save()

    assert set(sent()) == {"administrator", "second"}


def test_a_person_added_by_command_line_is_told_of_to_every_administrator(people):
    add_person(name="Bo", email="bo@colleagues.example", roles=[Role.QA], by=None)

    mails = sent()

    assert set(mails) == {"bo", "administrator", "second"}
    assert "The command line added Bo" in mails["second"].body


def test_a_proposed_role_is_told_to_the_other_administrators(people):
    propose_role(person=people[Role.ANALYST], role=Role.OFFICER, by=people[Role.ADMINISTRATOR])

    mails = sent()

    assert set(mails) == {"second"}
    assert mails["second"].subject == "Erasure Desk: the role Privacy officer waits for you"
    assert "https://desk.example.com/people/" in mails["second"].body


def test_whoever_is_to_be_raised_is_not_asked_to_grant(people):
    propose_role(person=people["second"], role=Role.OFFICER, by=people[Role.ADMINISTRATOR])

    assert set(sent()) == set()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
def test_a_granted_weighty_role_is_told_to_officers_and_administrators(people, role):
    grant = propose_role(person=people[Role.ANALYST], role=role, by=people[Role.ADMINISTRATOR])
    sent()
    mail.outbox.clear()

    confirm_role(grant=grant, by=people["second"])

    mails = sent()
    assert set(mails) == {"officer", "administrator", "second", "analyst"}
    assert f"Sam O'Second granted The Privacy analyst the role {role.label}." in mails["officer"].body


def test_a_granted_light_role_is_told_to_nobody(people):
    propose_role(person=people[Role.ANALYST], role=Role.LEGAL, by=people[Role.ADMINISTRATOR])

    assert sent() == {}


# -- Services and tokens -----------------------------------------------------------------------------------


def test_a_service_is_told_of_to_administrators_and_gets_no_welcome(people):
    add_person(name="Bot", email="bot@colleagues.example", roles=[Role.QA], by=None, is_service=True)

    mails = sent()

    assert set(mails) == {"administrator", "second"}
    assert "The command line added the service Bot" in mails["second"].body


def test_a_token_that_waits_is_told_to_its_owner_and_to_other_administrators(people):
    owner = people[Role.ADMINISTRATOR]
    secret = make_token(person=owner, name="Nightly", scopes=[Scope.READ], by=owner).secret

    mails = sent()

    assert set(mails) == {"administrator", "second"}
    assert "It waits for an administrator" in mails["administrator"].body
    assert mails["second"].subject == "Erasure Desk: an API token of The Administrator waits for you"
    assert "https://desk.example.com/people/tokens/all/" in mails["second"].body
    assert secret not in "".join(message.body for message in mails.values())


def test_a_token_made_by_command_line_is_told_to_its_owner(people):
    make_token(person=people[Role.ANALYST], name="Nightly", scopes=[Scope.READ], by=None)

    mails = sent()

    assert set(mails) == {"analyst"}
    assert "The command line made the API token “Nightly”" in mails["analyst"].body
    assert "It works at once" in mails["analyst"].body


def test_an_owner_hears_when_a_token_is_allowed_and_when_it_is_revoked(people):
    owner = people[Role.ANALYST]
    token = make_token(person=owner, name="Nightly", scopes=[Scope.READ], by=owner).token
    sent()
    mail.outbox.clear()

    allow_token(token=token, by=people[Role.ADMINISTRATOR])
    allowed = sent()
    mail.outbox.clear()
    revoke_token(token=token, by=people["second"])
    revoked = sent()

    assert (set(allowed), set(revoked)) == ({"analyst"}, {"analyst"})
    assert "The Administrator allowed the API token “Nightly”" in allowed["analyst"].body
    assert "Sam O'Second revoked the API token “Nightly”" in revoked["analyst"].body


# -- Subscriptions and requests ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        (PauseReason.KEY_REFUSED, "makes a new key in Pendo and enters it"),
        (PauseReason.FOREIGN, "see in Pendo which subscription the key belongs to"),
        (PauseReason.PERSON, "ask Erasure Desk why"),
        ("", "it has been resumed since"),
    ],
)
def test_a_paused_subscription_is_told_to_custodians_and_officers(people, record, reason, advice):
    subscription = Subscription.objects.create(
        name="Web & Mobile", region="us", data_key=b"", paused_reason=reason
    )
    record(Event.SUBSCRIPTION_PAUSED, subscription.reference, reason="Pendo refuses the key")

    mails = sent()

    assert set(mails) == {"key_custodian", "officer"}
    assert mails["officer"].subject == "Erasure Desk: Web & Mobile is paused"
    assert "was paused: Pendo refuses the key." in mails["officer"].body
    assert advice in mails["officer"].body
    assert "https://desk.example.com/subscriptions/" in mails["officer"].body


@pytest.fixture
def key(db):
    """A key of a subscription, under nobody's seal."""
    subscription = Subscription.objects.create(name="Shop", region="us", data_key=b"")
    return Key.objects.create(subscription=subscription, fingerprint="0123abcd", made_on_known=True)


@pytest.fixture
def remind(record, key):
    """`remind(event, ...)`: an entry about the key."""

    def write(event, **facts):
        return record(event, key.subscription.reference, key=key.fingerprint, **facts)

    return write


DUE = {"rotate_by": "2026-12-24", "days": 7}


def test_a_key_that_grows_old_is_told_to_its_owner_and_deputy(people, key, remind):
    key.owner, key.deputy = people[Role.ANALYST], people[Role.KEY_CUSTODIAN]
    key.save()

    remind(Event.KEY_REMINDED, **DUE)

    mails = sent()
    assert set(mails) == {"analyst", "key_custodian"}
    assert mails["analyst"].subject == "Erasure Desk: replace the key of Shop by 2026-12-24"
    assert "7 days are left" in mails["analyst"].body
    assert "Settings > Integrations > Integration Keys" in mails["analyst"].body
    assert f"https://desk.example.com/subscriptions/{key.subscription_id}/" in mails["analyst"].body


@pytest.mark.parametrize(("days", "said"), [(1, "1 day is left"), (0, "that is today")])
def test_days_left_are_said_in_plain_words(people, remind, days, said):
    remind(Event.KEY_REMINDED, **DUE | {"days": days})

    assert said in sent()["key_custodian"].body


def test_a_key_that_nobody_here_looks_after_is_told_to_the_custodians(people, key, remind):
    key.owner = people[Role.ANALYST]
    key.save()
    people[Role.ANALYST].is_active = False
    people[Role.ANALYST].save()

    remind(Event.KEY_REMINDED, **DUE)

    assert set(sent()) == {"key_custodian"}


def test_an_old_read_only_key_is_replaced_by_one_that_may_only_read(people, key, remind):
    key.purpose = Purpose.READ
    key.save()

    remind(Event.KEY_REMINDED, **DUE)

    body = sent()["key_custodian"].body
    assert "The read-only Pendo key 0123abcd" in body
    assert 'leaves "Allow write access" unticked' in body


def test_an_overdue_key_is_told_to_the_officers_too(people, key, remind):
    key.owner = people[Role.KEY_CUSTODIAN]
    key.save()

    remind(Event.KEY_OVERDUE, **DUE)

    mails = sent()
    assert set(mails) == {"key_custodian", "officer"}
    assert mails["officer"].subject == "Erasure Desk: the key of Shop is 7 days overdue"


def test_a_replaced_key_to_be_deleted_is_told_with_the_clicks(people, remind):
    remind(Event.KEY_DELETION_REMINDED, replaced_on="2026-11-01")

    mails = sent()

    assert set(mails) == {"key_custodian"}
    assert mails["key_custodian"].subject == "Erasure Desk: delete a key of Shop in Pendo"
    assert "clicks the trash icon" in mails["key_custodian"].body


def test_an_unanswered_refusal_is_told_with_the_requests_that_cannot_wait(
    people, record, new_request, silent_subscription, time_machine
):
    time_machine.move_to(dt.datetime(2026, 11, 27, 22, tzinfo=dt.UTC))  # a Friday
    subscription = silent_subscription()
    pressing, later = (new_request(subscriptions=[subscription]) for _ in range(2))
    send_by(pressing, dt.date(2026, 11, 29))
    send_by(later, dt.date(2026, 11, 30))
    Notice.objects.update(settled_at=clock.now())
    mail.outbox.clear()

    record(Event.KEY_UNANSWERED, subscription.reference, since="2026-11-27T18:00:00+00:00")

    mails = {to: message for to, message in sent().items() if "refused key" in message.subject}
    assert set(mails) == {"key_custodian", "officer", "administrator", "second"}
    body = mails["key_custodian"].body
    assert f"- {pressing.reference}, to be sent by 29 Nov 2026" in body
    assert later.reference not in body
    assert "since Friday, 27 Nov 2026, 18:00" in body
    assert 'clicks "Add Integration Key"' in body


def test_an_outage_and_its_end_are_told_with_the_requests_that_cannot_wait(
    people, record, new_request, silent_subscription, time_machine
):
    time_machine.move_to(dt.datetime(2026, 11, 27, 22, tzinfo=dt.UTC))  # a Friday
    subscription = silent_subscription()
    pressing, ordered = (new_request(subscriptions=[subscription]) for _ in range(2))
    send_by(pressing, dt.date(2026, 11, 29))
    send_by(ordered, dt.date(2026, 11, 29))
    Request.objects.filter(pk=ordered.pk).update(state=State.CONFIRMING)
    Notice.objects.update(settled_at=clock.now())

    for event, subject in (
        (Event.SUBSCRIPTION_SILENT, "Pendo doesn't answer for"),
        (Event.SUBSCRIPTION_ANSWERS, "Pendo answers for"),
    ):
        mail.outbox.clear()
        record(event, subscription.reference, since="2026-11-27T18:00:00+00:00")

        mails = {to: message for to, message in sent().items() if subject in message.subject}
        # The fixture that enters requests is an analyst, too.
        assert {to for to in mails if not to.startswith("person")} == {"officer", "analyst"}
        body = mails["analyst"].body
        assert f"- {pressing.reference}, to be sent by 29 Nov 2026" in body
        assert ordered.reference not in body
        assert "since Friday, 27 Nov 2026, 18:00" in body
        assert "https://desk.example.com/endangered/" in body


def test_a_stop_and_its_end_are_told_to_officers(people, mail_server):
    stop_sending(by=people[Role.ANALYST], reason="Jane Doe's preview was wrong")
    stopped = sent()
    mail.outbox.clear()
    resume_sending(by=people[Role.OFFICER])
    resumed = sent()

    assert set(stopped) == set(resumed) == {"officer"}
    assert stopped["officer"].subject == "Erasure Desk: The Privacy analyst stopped all sending"
    assert "https://desk.example.com/stop/" in stopped["officer"].body
    assert "Jane" not in stopped["officer"].body
    assert "The Privacy officer let the sending go on" in resumed["officer"].body


def send_by(request, day):
    request.send_by = day
    request.save(update_fields=["send_by"])


def test_a_proposed_key_is_told_to_those_who_may_confirm_it(people, record, key):
    record(
        Event.FOREIGN_KEY_PROPOSED,
        key.subscription.reference,
        actor=people[Role.KEY_CUSTODIAN].reference,
        key="89abcdef",
    )

    mails = sent()

    assert set(mails) == {"officer"}
    assert "The Key custodian proposed the key 89abcdef for Shop" in mails["officer"].body


@pytest.mark.parametrize("by_itself", [True, False])
def test_a_refused_read_only_key_is_told_to_custodians_and_one_put_aside_is_not(people, remind, by_itself):
    actor = "system" if by_itself else people[Role.KEY_CUSTODIAN].reference

    remind(Event.READING_KEY_PUT_ASIDE, actor=actor, why="a reason")

    assert set(sent()) == ({"key_custodian"} if by_itself else set())


@pytest.mark.parametrize("reason", Attention.Reason.labels)
def test_what_needs_a_person_is_told_to_officers_and_analysts(people, record, reason):
    record(Event.ATTENTION_RAISED, "request/R-2026-7", reason=reason)

    mails = sent()

    assert set(mails) == {"analyst", "officer"}
    assert mails["analyst"].subject == "Erasure Desk: request R-2026-7 needs a person"
    assert f"{reason}." in mails["analyst"].body
    assert "https://desk.example.com/requests/R-2026-7/" in mails["analyst"].body


def test_names_are_written_as_they_are(people):
    propose_role(person=people[Role.ANALYST], role=Role.OFFICER, by=people["second"])

    (message,) = sent().values()

    assert "Sam O'Second proposed" in message.body


def test_a_name_with_a_line_break_does_not_break_the_mail(people):
    add_person(name="Bo\nBcc: all@elsewhere.example", email="bo@colleagues.example", roles=[Role.QA], by=None)

    assert sent()["second"].subject == "Erasure Desk: Bo Bcc: all@elsewhere.example was added"


# -- Requests ----------------------------------------------------------------------------------------------


def test_what_waits_for_approval_is_told_to_no_officer_who_ever_changed_it(
    people, make_person, previewed_request
):
    make_person(Role.OFFICER, email="other@colleagues.example")
    sent()
    mail.outbox.clear()
    request = previewed_request(by=people[Role.ANALYST])
    note_changer(request, people[Role.OFFICER])

    mails = sent()

    assert "other" in mails
    assert "officer" not in mails


def test_a_new_finding_is_told_once_to_officers_and_analysts(people, record):
    subscription = Subscription.objects.create(name="Production", region="us", data_key=b"")
    facts = {"finding": 7, "cause": "The deletion was incomplete", "records": 3}
    record(Event.FINDING_OPENED, subscription.reference, **facts)
    record(Event.FINDING_GREW, subscription.reference, **facts)

    mails = sent()

    assert set(mails) == {"officer", "analyst"}
    assert mails["officer"].subject == "Erasure Desk: what was erased in Production is there again"
    assert "The deletion was incomplete. Records seen so far: 3." in mails["officer"].body
    assert "https://desk.example.com/watch/findings/7/" in mails["officer"].body
    assert len(mail.outbox) == 2


def test_a_proposed_refusal_is_told_to_officers_who_may_agree(people, make_person, previewed_request):
    make_person(Role.OFFICER, email="other@colleagues.example")
    request = previewed_request(by=people[Role.ANALYST])
    sent()
    mail.outbox.clear()

    facts = "Forty identical letters arrived since March; each was answered, nothing stored between them."
    case = Case("R_12_5_EXCESSIVE", facts)
    propose_refusal(request=request, scope=RefusalScope.WHOLE, case=case, by=people[Role.OFFICER])

    mails = sent()
    assert set(mails) == {"other"}
    assert f"proposes to refuse request {request.reference}: the whole request" in mails["other"].body
    assert "Forty" not in mails["other"].body


# -- Deputies ----------------------------------------------------------------------------------------------


@pytest.fixture
def away(people):
    """`away(person, deputy)`: from today, for some days; what that sends is sent."""

    def away(person, deputy):
        today = clock.today()
        until = today + dt.timedelta(days=3)
        absence = mark_absent(person=person, deputy=deputy, from_on=today, until_on=until, by=person)
        sent()
        mail.outbox.clear()
        return absence

    return away


def test_mail_meant_for_somebody_absent_reaches_the_deputy_too_who_reads_why(people, away, record):
    away(people[Role.OFFICER], people[Role.QA])
    record(Event.ATTENTION_RAISED, "request/R-2026-7", reason="Pendo refuses a visitor's deletion")

    mails = sent()

    assert set(mails) == {"analyst", "officer", "qa"}
    assert "You get this because you stand in for The Privacy officer." in mails["qa"].body
    assert "stand in" not in mails["officer"].body


def test_who_gets_a_mail_anyway_is_not_told_that_they_stand_in(people, away, record):
    away(people[Role.OFFICER], people[Role.ANALYST])
    record(Event.ATTENTION_RAISED, "request/R-2026-7", reason="Pendo refuses a visitor's deletion")

    assert "stand in" not in sent()["analyst"].body


def test_after_the_absence_the_deputy_gets_nothing(people, away, record):
    end_absence(absence=away(people[Role.OFFICER], people[Role.QA]), by=people[Role.OFFICER])
    sent()
    mail.outbox.clear()
    record(Event.ATTENTION_RAISED, "request/R-2026-7", reason="Pendo refuses a visitor's deletion")

    assert set(sent()) == {"analyst", "officer"}


def test_a_link_to_set_a_password_reaches_nobody_but_its_owner(people, away):
    person = people[Role.OFFICER]
    away(person, people[Role.QA])
    deactivate(person=person, by=people["second"])
    reactivate(person=person, by=people["second"])

    mails = sent()

    assert set(mails) == {"officer", "administrator"}
    assert "/account/password/reset/key/" in mails["officer"].body
    assert "/account/password/" not in mails["administrator"].body


def test_an_absence_is_told_to_the_deputy_and_to_whoever_did_not_say_it_themselves(people):
    today = clock.today()
    mark_absent(
        person=people[Role.OFFICER],
        deputy=people[Role.ANALYST],
        from_on=today,
        until_on=today,
        by=people[Role.ADMINISTRATOR],
    )

    mails = sent()

    assert set(mails) == {"officer", "analyst"}
    assert f"marked The Privacy officer as absent from {today} until {today}" in mails["analyst"].body


# -- Roles until a day -------------------------------------------------------------------------------------


def test_a_role_until_a_day_is_proposed_granted_and_ended_with_its_day(people):
    day = clock.today() + dt.timedelta(days=2)
    grant = propose_role(
        person=people[Role.ANALYST], role=Role.OFFICER, by=people[Role.ADMINISTRATOR], ends_on=day
    )
    proposed = sent()
    mail.outbox.clear()
    confirm_role(grant=grant, by=people["second"])
    granted = sent()
    mail.outbox.clear()
    with time_machine.travel(clock.now() + dt.timedelta(days=3)):
        end_expired_roles()
        ended = sent()

    assert set(proposed) == {"second"}
    assert f"for The Privacy analyst until the end of {day}" in proposed["second"].body
    assert set(granted) == set(ended) == {"officer", "administrator", "second", "analyst"}
    assert granted["officer"].subject == f"Erasure Desk: The Privacy analyst is Privacy officer until {day}"
    assert ended["analyst"].subject == "Erasure Desk: The Privacy analyst is no longer Privacy officer"


def test_the_end_of_a_light_role_is_told_to_its_holder_only(people):
    propose_role(
        person=people[Role.ANALYST], role=Role.LEGAL, by=people[Role.ADMINISTRATOR], ends_on=clock.today()
    )
    with time_machine.travel(clock.now() + dt.timedelta(days=1)):
        end_expired_roles()

        assert set(sent()) == {"analyst"}


# -- Policy ------------------------------------------------------------------------------------------------


def test_the_policy_is_told_to_officers_and_administrators(people):
    numbers = Numbers(two_people_over=500)
    line = change_policy(place=GENERAL_PLACES[0], kind="", numbers=numbers, by=people[Role.ADMINISTRATOR])
    proposed = sent()
    mail.outbox.clear()
    agree_to_policy(line=line, by=people[Role.OFFICER])
    agreed = sent()
    mail.outbox.clear()
    line = change_policy(
        place=GENERAL_PLACES[0], kind="", numbers=Numbers(canary_size=20), by=people["second"]
    )
    sent()
    mail.outbox.clear()
    decline_policy(line=line, by=people[Role.OFFICER])
    declined = sent()

    assert set(proposed) == set(agreed) == set(declined) == {"officer", "administrator", "second"}
    assert "Weaker would be: two people over." in proposed["officer"].body
    assert "The Privacy officer put an approval policy in force for all production" in agreed["second"].body
    assert "Proposed by The Administrator." in agreed["second"].body
    assert "https://desk.example.com/policy/" in agreed["second"].body


# -- Holds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "subject"), [(3, "review hold/"), (-9, "is 9 days overdue")])
def test_a_hold_to_be_reviewed_is_told_to_its_owner_and_legal_without_its_matter(
    people, hold, make_person, days, subject
):
    other = make_person(Role.LEGAL, email="other@colleagues.example")
    placed = hold(visitors=["a"], review_on=clock.today() + dt.timedelta(days=20), owner=other)
    mail.outbox.clear()

    with time_machine.travel(clock.now() + dt.timedelta(days=20 - days)):
        look_after_holds()
        mails = sent()

    assert {"legal", "other"} <= set(mails)
    assert not {"analyst", "officer"} & set(mails)
    assert subject in mails["other"].subject
    assert f"https://desk.example.com/holds/{placed.pk}/" in mails["other"].body
    assert MATTER not in mails["other"].body + mails["other"].subject


def test_a_preview_that_a_hold_has_changed_waits_for_the_officers_anew(people, hold, previewed_request):
    request = previewed_request()
    sent()
    mail.outbox.clear()

    hold(visitors=["visitor-one"])
    screen_again(request)

    assert "2 targets would be acted on now, 1 is held" in sent()["officer"].body
