"""From deliveries that are due to messages that were taken, by way of a real receiver on loopback."""

import datetime as dt
import json
import threading

import pytest
from django.core import mail
from standardwebhooks import Webhook

from compliance.audit.events import Event
from compliance.audit.models import Entry
from compliance.connectors.webhooks import Ending, Posted
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.notifications import posting, spreading
from compliance.notifications.endpoints import resume_endpoint, send_again, send_all_again
from compliance.notifications.models import Delivery, Endpoint, Message
from compliance.notifications.tasks import deliver, forget_messages, tell

pytestmark = pytest.mark.django_db


def make_due():
    Delivery.objects.filter(state=Delivery.State.WAITING).update(next_at=clock.now())
    Endpoint.objects.update(next_at=clock.now())


def ledger_of(endpoint):
    return list(
        Entry.objects.filter(chain__name=endpoint.reference)
        .order_by("number")
        .values_list("event", flat=True)
    )


def dies(*_):
    raise KeyboardInterrupt


def test_an_event_arrives_signed_and_names_no_person(receive, endpoint_at, new_request):
    receiver = receive()
    _, secret = endpoint_at(receiver)
    request = new_request(external_reference="TICKET-7")

    tell()

    ((headers, body),) = receiver.received
    told = Webhook(secret).verify(body, headers)
    assert told["type"] == "request.opened"
    assert told["id"] == headers["webhook-id"]
    assert told["data"] == {
        "reference": request.reference,
        "external_reference": "TICKET-7",
        "kind": "erasure",
        "state": "previewing",
        "law": "EU_GDPR",
        "received_on": request.received_on.isoformat(),
        "send_by": request.send_by.isoformat(),
        "url": f"https://desk.example.com/requests/{request.reference}/",
    }
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status, delivery.attempts) == (Delivery.State.TAKEN, 204, 1)


def test_it_is_sent_once(receive, endpoint_at, new_request):
    receiver = receive()
    endpoint_at(receiver)
    new_request()

    tell()
    tell()

    assert len(receiver.received) == 1


def test_what_is_not_taken_comes_again_later_under_the_same_id(receive, endpoint_at, new_request):
    receiver = receive(500)
    endpoint_at(receiver)
    new_request()

    tell()
    tell()
    assert len(receiver.received) == 1
    make_due()
    tell()

    assert len(set(receiver.ids)) == 1
    assert len(receiver.received) == 2
    assert Delivery.objects.get().state == Delivery.State.TAKEN


def test_a_crash_between_sending_and_writing_it_down_repeats_it_under_the_same_id(
    receive, endpoint_at, new_request, monkeypatch
):
    receiver = receive()
    endpoint_at(receiver)
    new_request()
    with monkeypatch.context() as patch:
        patch.setattr(posting, "settle", dies)
        with pytest.raises(KeyboardInterrupt):
            tell()
    assert Delivery.objects.get().state == Delivery.State.WAITING

    tell()
    assert len(receiver.received) == 1
    make_due()
    tell()

    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1


def test_the_waits_grow_for_days_and_then_it_is_given_up(endpoint_at, receive, new_request, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    endpoint_at(receive())
    new_request()
    spreading.spread()
    waits = []

    while (delivery := Delivery.objects.get()).state == Delivery.State.WAITING:
        time_machine.move_to(max(delivery.next_at, Endpoint.objects.get().next_at) + dt.timedelta(seconds=1))
        posting.settle(posting.claim(posting.due_endpoints().get()), Posted(Ending.REFUSED, 500))
        waits.append((Delivery.objects.get().next_at - clock.now()).total_seconds())

    expected = [5, 60, 300, 1800, 7200, 18000, *[36000] * 6]
    assert len(waits) == len(expected) + 1
    for wait, middle in zip(waits, expected, strict=False):
        assert middle * 0.9 <= wait <= middle * 1.1
    assert dt.timedelta(days=2.4) < clock.now() - delivery.since < dt.timedelta(days=3.1)
    assert delivery.state == Delivery.State.GIVEN_UP


def test_where_nothing_else_was_taken_for_days_the_endpoint_is_disabled_and_its_owner_gets_a_mail(
    endpoint_at, receive, new_request, mail_server, administrator
):
    endpoint, _ = endpoint_at(receive())
    new_request(), new_request()
    spreading.spread()
    age(Delivery.objects.order_by("pk").first())

    posting.settle(posting.claim(posting.due_endpoints().get()), Posted(Ending.NO_CONNECTION))

    endpoint.refresh_from_db()
    assert endpoint.disabled_because == Endpoint.Disabled.UNANSWERED
    states = Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [Delivery.State.GIVEN_UP, Delivery.State.DROPPED]
    assert ledger_of(endpoint) == ["webhook:added", "webhook:disabled"]
    mail.outbox.clear()
    deliver()
    (message,) = [each for each in mail.outbox if "nothing is sent to" in each.subject]
    assert message.to == [administrator.email]
    assert "nothing was taken for three days" in message.body
    assert "s3cret" not in message.body


def test_what_alone_is_not_taken_is_given_up_alone_and_told_once_a_day(
    endpoint_at, receive, new_request, mail_server, administrator
):
    endpoint, _ = endpoint_at(receive())
    new_request(), new_request()
    spreading.spread()
    Endpoint.objects.update(taken_at=clock.now())
    for delivery in Delivery.objects.order_by("pk"):
        age(delivery)

    for _ in range(2):
        Endpoint.objects.update(next_at=clock.now())
        posting.settle(posting.claim(posting.due_endpoints().get()), Posted(Ending.REFUSED, 400))

    endpoint.refresh_from_db()
    assert endpoint.stands
    assert not Delivery.objects.exclude(state=Delivery.State.GIVEN_UP).exists()
    assert ledger_of(endpoint) == ["webhook:added", "webhook:given:up"]
    mail.outbox.clear()
    deliver()
    assert [each.to for each in mail.outbox if "does not take" in each.subject] == [[administrator.email]]


def age(delivery):
    """It has been tried for nearly three days."""
    since = clock.now() - posting.GIVE_UP_AFTER
    Delivery.objects.filter(pk=delivery.pk).update(since=since, attempts=12)


def test_gone_disables_it_at_once(endpoint_at, receive, new_request):
    receiver = receive(410)
    endpoint, _ = endpoint_at(receiver)
    new_request()
    tell()
    new_request()
    tell()

    endpoint.refresh_from_db()
    assert endpoint.disabled_because == Endpoint.Disabled.GONE
    assert len(receiver.received) == 1
    assert Delivery.objects.get().state == Delivery.State.DROPPED


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_time_gets_it(endpoint_at, receive, new_request, status):
    endpoint, _ = endpoint_at(receive(status, **{"Retry-After": "7200"}))
    new_request()

    tell()

    endpoint.refresh_from_db()
    hours = (endpoint.next_at - clock.now()).total_seconds() / 3600
    assert 1.9 < hours <= 2
    assert Delivery.objects.get().next_at - clock.now() > dt.timedelta(hours=1.9)


def test_a_redirect_is_not_followed_and_counts_as_not_taken(endpoint_at, receive, new_request):
    elsewhere = receive()
    endpoint_at(receive(307, location=elsewhere.url))
    new_request()

    tell()

    assert elsewhere.received == []
    assert Delivery.objects.get().status == 307


def test_an_address_that_has_become_private_is_not_called(endpoint_at, receive, new_request, settings):
    receiver = receive()
    endpoint_at(receiver)
    new_request()
    settings.PENDO_ALLOW_CUSTOM_URL = False

    tell()

    assert receiver.received == []
    assert Delivery.objects.get().ending == Ending.UNFIT_ADDRESS


def test_a_slow_receiver_holds_up_nobody_else(endpoint_at, receive, new_request, monkeypatch):
    slow, quick = receive(), receive()
    released = threading.Event()
    answer = slow.answer
    slow.answer = lambda handler: (released.wait(10), answer(handler))
    quick_answer = quick.answer
    # The second message of the quick one arrives while the slow one still thinks about its first.
    quick.answer = lambda handler: (quick_answer(handler), len(quick.received) == 2 and released.set())
    endpoint_at(slow), endpoint_at(quick)
    new_request(), new_request()

    tell()

    assert released.is_set()
    assert len(quick.received) == 2


def test_one_endpoint_gets_one_message_at_a_time(endpoint_at, receive, new_request):
    endpoint_at(receive())
    new_request(), new_request()
    spreading.spread()
    seen = posting.due_endpoints().get()

    assert posting.claim(seen)
    assert not posting.due_endpoints().exists()
    assert posting.claim(seen) is None


def test_what_was_given_up_is_sent_again_under_the_same_id(endpoint_at, receive, new_request, administrator):
    receiver = receive(500)
    endpoint_at(receiver)
    new_request()
    tell()
    Delivery.objects.update(state=Delivery.State.GIVEN_UP)

    send_again(delivery=Delivery.objects.get(), by=administrator)
    tell()

    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1


def test_everything_that_was_not_taken_is_sent_again_once_it_works(
    endpoint_at, receive, new_request, administrator
):
    receiver = receive(410)
    endpoint, _ = endpoint_at(receiver)
    new_request()
    tell()
    with pytest.raises(Refused, match="resume it first"):
        send_all_again(endpoint=endpoint, by=administrator)

    resume_endpoint(endpoint=endpoint, by=administrator)
    assert send_all_again(endpoint=endpoint, by=administrator) == 1
    tell()

    assert Delivery.objects.get().state == Delivery.State.TAKEN


def test_what_was_dropped_while_it_was_under_way_stays_dropped_unless_it_was_taken(
    endpoint_at, receive, new_request
):
    endpoint, _ = endpoint_at(receive())
    new_request()
    spreading.spread()
    trying = posting.claim(posting.due_endpoints().get())
    posting.drop_waiting(endpoint)

    posting.settle(trying, Posted(Ending.REFUSED, 500))
    assert Delivery.objects.get().state == Delivery.State.DROPPED
    posting.settle(trying, Posted(Ending.TAKEN, 200))
    assert Delivery.objects.get().state == Delivery.State.TAKEN


def test_an_endpoint_that_cannot_be_opened_holds_up_nobody(endpoint_at, receive, new_request, caplog):
    broken, receiver = receive(), receive()
    endpoint, _ = endpoint_at(broken)
    endpoint_at(receiver)
    Endpoint.objects.filter(pk=endpoint.pk).update(data_key=b"of another installation")
    new_request()

    tell()

    assert len(receiver.received) == 1
    assert "can't be opened" in caplog.text


def test_an_entry_that_cannot_be_told_holds_up_no_other(record, receive, endpoint_at, new_request, caplog):
    receiver = receive()
    endpoint_at(receiver)
    record(Event.REQUEST_CANCELLED, "request/ED-GONE0000", reason="ab")
    new_request()

    tell()

    assert [json.loads(body)["type"] for _, body in receiver.received] == ["request.opened"]
    assert "can't be told: DoesNotExist" in caplog.text


def test_an_entry_is_told_once_whoever_tells_it(receive, endpoint_at, new_request):
    endpoint_at(receive())
    request = new_request()
    entry = Entry.objects.get(chain__name=request.chain, event=Event.REQUEST_OPENED.value)

    assert spreading.tell(entry) == spreading.tell(entry)
    assert Delivery.objects.count() == 1


def test_old_news_is_not_told(receive, endpoint_at, new_request, time_machine):
    endpoint_at(receive())
    new_request()
    time_machine.move_to(clock.now() + spreading.NEWS + dt.timedelta(minutes=1))

    spreading.spread()

    assert not Message.objects.exists()


def test_messages_of_long_ago_are_forgotten_with_their_deliveries(
    receive, endpoint_at, new_request, time_machine
):
    endpoint_at(receive())
    new_request()
    tell()
    time_machine.move_to(clock.now() + spreading.KEPT_FOR - dt.timedelta(hours=1))
    forget_messages()
    assert Delivery.objects.exists()

    time_machine.move_to(clock.now() + dt.timedelta(hours=2))
    forget_messages()

    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


def test_without_news_it_takes_a_few_questions_only(endpoint_at, receive, django_assert_max_num_queries):
    endpoint_at(receive())

    with django_assert_max_num_queries(3):
        tell()
