"""From ledger entries to mail that was sent."""

import datetime as dt

import pytest
from django.core import mail
from time_machine import travel

from compliance.audit.models import Entry
from compliance.core import clock
from compliance.notifications import delivery
from compliance.notifications.models import Notice
from compliance.notifications.tasks import deliver
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db
SUBJECT = "Erasure Desk: request R-1 needs a person"


@pytest.fixture
def make_old_hand(make_person, mail_server):
    """People whose own coming is no longer news."""

    def make(role):
        with travel(clock.now() - delivery.NEWS - dt.timedelta(days=1)):
            return make_person(role, email=f"{role}@colleagues.example")

    return make


@pytest.fixture
def officer(make_old_hand):
    return make_old_hand(Role.OFFICER)


@pytest.fixture
def analyst(make_old_hand):
    return make_old_hand(Role.ANALYST)


def make_due():
    Notice.objects.filter(settled_at__isnull=True).update(due_at=clock.now())


def test_everybody_concerned_gets_one_mail(officer, analyst, attention, outbox):
    attention()

    deliver()

    assert outbox() == [(analyst.email, SUBJECT), (officer.email, SUBJECT)]


def test_an_entry_is_mailed_once(officer, attention, outbox):
    attention()

    deliver()
    deliver()

    assert outbox() == [(officer.email, SUBJECT)]


def test_nobody_sees_who_else_is_written_to(officer, analyst, attention):
    attention()

    deliver()

    assert [len(message.recipients()) for message in mail.outbox] == [1, 1]


def test_an_entry_committed_late_with_a_smaller_number_is_mailed(officer, attention, outbox):
    late, early = attention("R-1"), attention("R-2")
    Notice.objects.create(entry=early, person=officer, mail="attention_raised", settled_at=clock.now())
    assert late.pk < early.pk

    deliver()

    assert outbox() == [(officer.email, SUBJECT)]


def test_old_news_is_not_mailed(officer, attention, outbox, time_machine):
    attention()
    time_machine.move_to(clock.now() + delivery.NEWS + dt.timedelta(minutes=1))

    deliver()

    assert outbox() == []


def test_an_entry_that_nobody_was_to_hear_of_is_heard_of_by_whoever_gets_the_role(
    mail_server, attention, make_person, outbox
):
    attention()
    deliver()
    assert not Notice.objects.exists()
    officer = make_person(Role.OFFICER, email="officer@colleagues.example")

    deliver()

    assert (officer.email, SUBJECT) in outbox()


def test_whoever_is_deactivated_before_the_mail_goes_gets_none(officer, attention, outbox, mail_server):
    attention()
    mail_server.reachable = False
    deliver()
    officer.is_active = False
    officer.save()

    mail_server.reachable = True
    make_due()
    deliver()

    assert outbox() == []
    assert Notice.objects.get().settled_at


# -- When it fails -----------------------------------------------------------------------------------------


def test_a_server_out_of_reach_leads_to_one_line_and_a_later_try(
    officer, analyst, attention, mail_server, caplog, outbox
):
    attention()
    mail_server.reachable = False

    deliver()

    assert [record.getMessage() for record in caplog.records] == [
        "the mail server cannot be reached (ConnectionRefusedError): 2 mails wait"
    ]
    mail_server.reachable = True
    deliver()
    assert outbox() == []
    make_due()
    deliver()
    assert len(outbox()) == 2


def test_the_waits_grow(officer, attention, mail_server, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    attention()
    mail_server.reachable = False
    waits = []

    for _ in range(6):
        deliver()
        waits.append((Notice.objects.get().due_at - clock.now()).total_seconds())
        make_due()

    assert waits == [60, 300, 1800, 7200, 21600, 21600]


def test_a_refused_mail_after_which_the_server_hangs_up_does_not_hold_up_the_others(
    officer, analyst, attention, mail_server, caplog, outbox
):
    mail_server.refused = {officer.email}
    attention("R-1")
    attention("R-2")

    deliver()

    assert [to for to, _ in outbox()] == [analyst.email, analyst.email]
    assert len(caplog.records) == 2
    assert officer.email not in caplog.text


def test_a_refused_mail_is_tried_again_and_the_sent_ones_are_not(
    officer, analyst, attention, mail_server, outbox
):
    mail_server.refused = {officer.email}
    attention()
    deliver()

    mail_server.refused = set()
    make_due()
    deliver()

    assert outbox() == [(analyst.email, SUBJECT), (officer.email, SUBJECT)]


def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(officer, attention, outbox, caplog):
    attention()
    broken = attention("R-2")
    Notice.objects.create(entry=broken, person=officer, mail="no such mail")

    deliver()

    assert outbox() == [(officer.email, SUBJECT)]
    assert "could not be sent: KeyError" in caplog.text


def test_a_crash_while_sending_repeats_the_mail_later_and_loses_nothing(
    officer, attention, outbox, mail_server
):
    attention()
    delivery.address(Entry.objects.latest("pk"))
    (notice,) = delivery.due_notices()
    assert delivery._claim(notice)  # noqa: SLF001 -- and here the process dies

    deliver()
    assert outbox() == []
    make_due()
    deliver()

    assert outbox() == [(officer.email, SUBJECT)]


def test_two_workers_at_once_send_one_mail(officer, attention):
    attention()
    delivery.address(Entry.objects.latest("pk"))
    (seen_by_one,), (seen_by_other,) = delivery.due_notices(), delivery.due_notices()

    claims = [delivery._claim(seen_by_one), delivery._claim(seen_by_other)]  # noqa: SLF001 -- the race itself

    assert claims == [True, False]


def test_two_workers_at_once_address_an_entry_once(officer, attention):
    entry = attention()

    delivery.address(entry)
    delivery.address(entry)

    assert Notice.objects.count() == 1


def test_one_connection_serves_many_mails(officer, attention, mail_server):
    for number in range(5):
        attention(f"R-{number}")

    deliver()

    assert mail_server.connections == 1


def test_a_flood_is_sent_in_slices(officer, attention, outbox):
    for number in range(delivery.SLICE + 5):
        attention(f"R-{number}")

    deliver()
    assert len(outbox()) == delivery.SLICE
    deliver()

    assert len(outbox()) == delivery.SLICE + 5


def test_without_news_no_server_is_called(officer, mail_server):
    deliver()

    assert mail_server.connections == 0
