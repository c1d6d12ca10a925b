"""From deliveries that are due to messages that were taken, by way of a real receiver on loopback."""

import datetime as dt

import pytest
from standardwebhooks import Webhook

from compliance.audit.models import Entry
from compliance.connectors.webhooks import Ending, Posted
from compliance.core import clock
from compliance.notifications import posting, spreading
from compliance.notifications.models import Delivery, Endpoint
from compliance.notifications.tasks import tell

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
    tell_without_sending()
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


def tell_without_sending():
    spreading.spread()
