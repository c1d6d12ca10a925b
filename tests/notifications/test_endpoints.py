"""Endpoints: set up, changed, paused and removed by people; subscribed by programs."""

import datetime as dt

import pytest
from standardwebhooks import Webhook

from compliance.audit.models import Entry
from compliance.connectors import targets
from compliance.core import clock, keyring
from compliance.core.crypto import SealBroken
from compliance.core.errors import Refused
from compliance.core.rewrapping import wrapped_fields
from compliance.notifications import endpoints
from compliance.notifications.endpoints import EndpointFacts
from compliance.notifications.event_types import EventType
from compliance.notifications.models import Delivery, Endpoint
from compliance.notifications.spreading import spread
from compliance.notifications.tasks import forget_messages, tell
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db
CLOSED = [EventType.REQUEST_CLOSED]


def ledger_of(endpoint):
    entries = Entry.objects.filter(chain__name=endpoint.reference).order_by("number")
    return [entry.event for entry in entries]


def waiting():
    return Delivery.objects.filter(state=Delivery.State.WAITING)


# -- Set up by people ----------------------------------------------------------------------------------------


def test_its_address_and_secret_are_sealed_and_the_ledger_names_the_host_only(receive, endpoint_at):
    receiver = receive()
    endpoint, secret = endpoint_at(receiver)

    row = Endpoint.objects.values().get()
    entry = Entry.objects.get(chain__name=endpoint.reference)
    assert "s3cret" not in f"{row} {entry.text}"
    assert secret not in f"{row} {entry.text}"
    assert entry.event == "webhook:added"
    assert entry.body["facts"]["host"] == "127.0.0.1"
    assert (endpoint.url, endpoint.signing_secrets) == (receiver.url, [secret])


def test_its_key_is_found_when_encryption_keys_change():
    assert (Endpoint, "data_key") in wrapped_fields()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_but_an_administrator_sets_one_up(make_person, role):
    person = make_person(role)
    with pytest.raises(Refused, match="Only an administrator"):
        endpoints.add_endpoint(url="https://8.8.8.8/", facts=EndpointFacts(CLOSED, person), by=person)


@pytest.mark.parametrize("url", ["http://8.8.8.8/", "https://10.0.0.1/", "https://127.0.0.1/", "nonsense"])
def test_an_address_that_nothing_is_sent_to_is_refused(administrator, url, settings):
    settings.PENDO_ALLOW_CUSTOM_URL = False
    facts = EndpointFacts(CLOSED, administrator)

    with pytest.raises(Refused):
        endpoints.add_endpoint(url=url, facts=facts, by=administrator)
    assert not Endpoint.objects.exists()


def test_a_name_that_leads_to_a_private_address_is_refused_unless_that_network_is_ours(
    administrator, settings, monkeypatch
):
    monkeypatch.setattr(targets, "resolved", lambda *_: ["10.20.3.4"])
    adding = {"url": "https://tickets.internal/", "facts": EndpointFacts(CLOSED, administrator)}

    with pytest.raises(Refused, match="isn't public"):
        endpoints.add_endpoint(**adding, by=administrator)
    settings.WEBHOOK_PRIVATE_NETWORKS = ["10.20.0.0/16"]

    assert endpoints.add_endpoint(**adding, by=administrator).endpoint.host == "tickets.internal"


def test_the_same_address_twice_is_refused(receive, endpoint_at):
    receiver = receive()
    endpoint_at(receiver)

    with pytest.raises(Refused, match="already"):
        endpoint_at(receiver)


def test_no_event_and_an_owner_who_has_left_are_refused(administrator, make_person):
    gone = make_person()
    gone.is_active = False
    for facts in (EndpointFacts([], administrator), EndpointFacts(CLOSED, gone)):
        with pytest.raises(Refused):
            endpoints.add_endpoint(url="https://8.8.8.8/", facts=facts, by=administrator)


def test_another_address_keeps_the_secret_and_another_owner_the_address(
    receive, endpoint_at, administrator, make_person
):
    endpoint, secret = endpoint_at(receive())
    other, owner = receive(), make_person(Role.OFFICER)

    changing = {"endpoint": endpoint, "facts": EndpointFacts(CLOSED, owner), "by": administrator}
    endpoints.change_endpoint(**changing, url=other.url)
    endpoints.change_endpoint(**changing)

    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.owner, endpoint.types) == (other.url, owner, ["request.closed"])
    assert endpoint.signing_secrets == [secret]
    assert ledger_of(endpoint) == ["webhook:added", "webhook:changed", "webhook:changed"]


def test_for_a_day_both_secrets_sign(receive, endpoint_at, administrator, new_request, time_machine):
    receiver = receive()
    endpoint, former = endpoint_at(receiver)
    _, latest = endpoints.rotate_secret(endpoint=endpoint, by=administrator)
    new_request()
    tell()

    (headers, body) = receiver.received[0]
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (former, latest):
        assert Webhook(secret).verify(body, headers)
    time_machine.move_to(clock.now() + endpoints.OVERLAP + dt.timedelta(minutes=1))
    endpoint.refresh_from_db()
    assert endpoint.signing_secrets == [latest]
    forget_messages()
    assert Endpoint.objects.get().sealed_former_secret is None


def test_while_it_is_paused_events_wait(receive, endpoint_at, administrator, new_request):
    receiver = receive()
    endpoint, _ = endpoint_at(receiver)
    endpoints.pause_endpoint(endpoint=endpoint, by=administrator)
    new_request()
    tell()
    assert (receiver.received, waiting().count()) == ([], 1)

    endpoints.resume_endpoint(endpoint=endpoint, by=administrator)
    tell()

    assert len(receiver.received) == 1
    assert ledger_of(endpoint) == ["webhook:added", "webhook:paused", "webhook:resumed"]


def test_pausing_for_longer_than_three_days_gives_nothing_up(
    receive, endpoint_at, administrator, new_request, time_machine
):
    receiver = receive(500)
    endpoint, _ = endpoint_at(receiver)
    endpoints.pause_endpoint(endpoint=endpoint, by=administrator)
    new_request()
    spread()
    time_machine.move_to(clock.now() + dt.timedelta(days=10))

    endpoints.resume_endpoint(endpoint=endpoint, by=administrator)
    tell()

    assert waiting().count() == 1


def test_removed_it_gets_nothing_and_nothing_can_be_read_of_it(
    receive, endpoint_at, administrator, new_request
):
    receiver = receive()
    endpoint, _ = endpoint_at(receiver)
    new_request()
    spread()

    endpoints.remove_endpoint(endpoint=endpoint, by=administrator)
    tell()

    endpoint.refresh_from_db()
    assert receiver.received == []
    assert not waiting().exists()
    with pytest.raises(SealBroken):
        assert endpoint.url
    with pytest.raises(Refused, match="removed"):
        endpoints.pause_endpoint(endpoint=endpoint, by=administrator)


def test_what_happened_before_it_was_added_is_not_told_there(receive, endpoint_at, new_request):
    new_request()
    receiver = receive()
    endpoint_at(receiver)

    tell()

    assert receiver.received == []


def test_only_what_it_is_for_is_sent_there(receive, endpoint_at, new_request):
    receiver = receive()
    endpoint_at(receiver, EventType.REQUEST_CLOSED)
    new_request()

    tell()

    assert receiver.received == []


def test_a_test_arrives_and_says_that_nothing_has_happened(receive, endpoint_at, administrator):
    receiver = receive()
    endpoint, secret = endpoint_at(receiver)

    endpoints.send_test(endpoint=endpoint, by=administrator)
    tell()

    (headers, body) = receiver.received[0]
    told = Webhook(secret).verify(body, headers)
    assert (told["type"], told["data"]) == ("webhook.test", {"webhook": endpoint.reference})


# -- Subscribed by programs ----------------------------------------------------------------------------------


@pytest.fixture
def token(program_of, analyst):
    return program_of(analyst).token


def subscribed(receiver, token, **more):
    return endpoints.subscribe(
        url=receiver.url, event_type=EventType.REQUEST_OPENED, token=token, **more
    ).endpoint


def test_a_subscription_hears_of_its_event(receive, token, new_request):
    receiver = receive()
    subscribed(receiver, token)
    new_request()

    tell()

    assert len(receiver.received) == 1


def test_the_same_once_more_is_the_same_subscription_with_the_same_secret(receive, token):
    receiver = receive()
    first, again = (
        endpoints.subscribe(url=receiver.url, event_type=EventType.REQUEST_OPENED, token=token)
        for _ in range(2)
    )

    assert first == again
    assert Endpoint.objects.count() == 1


def test_it_ends_with_its_token_by_revocation(receive, token, analyst, new_request):
    receiver = receive()
    endpoint = subscribed(receiver, token)
    token.revoked_at, token.revoked_by = clock.now(), analyst
    token.save()
    new_request()

    tell()

    endpoint.refresh_from_db()
    assert receiver.received == []
    assert endpoint.disabled_because == Endpoint.Disabled.ENDED


def test_it_ends_when_its_time_is_over_and_can_be_renewed_before(receive, token, time_machine):
    receiver = receive()
    soon = clock.now() + dt.timedelta(days=1)
    endpoint = subscribed(receiver, token, expires_at=soon)
    assert endpoint.expires_at == soon

    renewed = subscribed(receiver, token)
    assert (renewed.pk, renewed.expires_at) == (endpoint.pk, token.expires_at)
    time_machine.move_to(token.expires_at + dt.timedelta(minutes=1))
    tell()

    endpoint.refresh_from_db()
    assert endpoint.disabled_because == Endpoint.Disabled.ENDED


def test_a_moment_in_the_past_is_refused(receive, token):
    with pytest.raises(Refused, match="passed"):
        subscribed(receive(), token, expires_at=clock.now())


def test_nobody_else_ends_it_and_ending_it_twice_does_no_harm(receive, token, make_person):
    endpoint = subscribed(receive(), token)

    assert not endpoints.unsubscribe(endpoint_id=endpoint.pk, owner=make_person(Role.ANALYST))
    assert endpoints.unsubscribe(endpoint_id=endpoint.pk, owner=token.person)
    assert endpoints.unsubscribe(endpoint_id=endpoint.pk, owner=token.person)
    assert ledger_of(endpoint) == ["webhook:added", "webhook:removed"]


def test_nobody_subscribes_without_end(receive, token, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST_SUBSCRIPTIONS", 1)
    subscribed(receive(), token)

    with pytest.raises(Refused, match="already"):
        subscribed(receive(), token)


def test_digests_of_addresses_are_kept_under_the_key_of_the_installation(receive, token):
    receiver = receive()
    endpoint = subscribed(receiver, token)

    assert bytes(endpoint.digest) == keyring.lookup_digest("webhook", receiver.url).value
