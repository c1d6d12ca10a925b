"""Webhooks on screen."""

import pytest

from compliance.notifications.endpoints import remove_endpoint, subscribe
from compliance.notifications.event_types import EventType
from compliance.notifications.models import Delivery, Endpoint
from compliance.notifications.tasks import tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of, administrator):
    return client_of(administrator)


def text_of(answer):
    return answer.content.decode()


def filled_in(administrator, **changes):
    values = {"types": ["request.closed"], "owner": administrator.pk, "description": "Tickets"}
    return values | {"url": "https://8.8.8.8/hook?token=s3cret"} | changes


def test_a_webhook_is_added_and_its_secret_shown_once(browser, administrator):
    answer = browser.post("/webhooks/add/", filled_in(administrator))

    endpoint = Endpoint.objects.get()
    (secret,) = endpoint.signing_secrets
    assert answer.context["secret"] == secret
    for address in ("/webhooks/", f"/webhooks/{endpoint.pk}/"):
        page = text_of(browser.get(address))
        assert "8.8.8.8" in page
        assert secret not in page
        assert "s3cret" not in page


@pytest.mark.parametrize("changes", [{"url": "http://8.8.8.8/typed"}, {"types": []}, {"owner": ""}])
def test_bad_input_is_said_and_nothing_typed_is_lost(browser, administrator, changes):
    answer = browser.post("/webhooks/add/", filled_in(administrator, description="Typed here") | changes)

    assert answer.status_code == 422
    assert "Typed here" in text_of(answer)
    assert not Endpoint.objects.exists()


def test_it_is_changed_without_its_address_being_shown(browser, administrator, endpoint_at, receive):
    receiver = receive()
    endpoint, _ = endpoint_at(receiver)
    page = text_of(browser.get(f"/webhooks/{endpoint.pk}/change/"))
    assert "s3cret" not in page

    changes = filled_in(administrator, url="", description="Another")
    assert browser.post(f"/webhooks/{endpoint.pk}/change/", changes).status_code == 302

    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.description) == (receiver.url, "Another")


def test_a_new_secret_is_shown_once(browser, endpoint_at, receive):
    endpoint, former = endpoint_at(receive())

    answer = browser.post(f"/webhooks/{endpoint.pk}/secret/")

    endpoint.refresh_from_db()
    assert [answer.context["secret"], former] == endpoint.signing_secrets
    assert "signs, too, until" in text_of(browser.get(f"/webhooks/{endpoint.pk}/"))


def test_the_log_shows_what_was_sent_and_how_it_was_answered(browser, endpoint_at, receive, new_request):
    endpoint, _ = endpoint_at(receive(500))
    request = new_request()
    tell()

    page = text_of(browser.get(f"/webhooks/{endpoint.pk}/"))
    assert "not taken (500)" in page
    delivery = Delivery.objects.get()
    sent = text_of(browser.get(f"/webhooks/deliveries/{delivery.pk}/"))
    assert request.reference in sent
    assert "request.opened" in sent


def test_from_the_log_it_is_sent_again(browser, endpoint_at, receive, new_request):
    receiver = receive()
    endpoint_at(receiver)
    new_request()
    tell()

    browser.post(f"/webhooks/deliveries/{Delivery.objects.get().pk}/again/")
    tell()

    assert len(receiver.received) == 2


def test_it_is_paused_tested_resumed_and_removed(browser, endpoint_at, receive):
    receiver = receive()
    endpoint, _ = endpoint_at(receiver)
    here = f"/webhooks/{endpoint.pk}/"

    browser.post(f"{here}pause/")
    assert "resume it first" in text_of(browser.post(f"{here}test/", follow=True))
    browser.post(f"{here}resume/")
    browser.post(f"{here}test/")
    tell()
    assert len(receiver.received) == 1
    assert browser.get(f"{here}remove/").status_code == 200
    browser.post(f"{here}remove/")

    assert browser.get(here).status_code == 404
    assert "None yet" in text_of(browser.get("/webhooks/"))


def test_whoever_comes_too_late_is_told(browser, endpoint_at, receive, administrator):
    endpoint, _ = endpoint_at(receive())
    remove_endpoint(endpoint=endpoint, by=administrator)

    answer = browser.post(f"/webhooks/{endpoint.pk}/pause/", follow=True)

    assert "This webhook was removed." in text_of(answer)


def test_what_was_not_taken_is_sent_again_from_the_page(browser, endpoint_at, receive, new_request):
    receiver = receive(410)
    endpoint, _ = endpoint_at(receiver)
    new_request()
    tell()
    here = f"/webhooks/{endpoint.pk}/"
    assert "nobody wants these any more" in text_of(browser.get(here))

    browser.post(f"{here}resume/")
    assert "Send again what wasn" in text_of(browser.get(here))
    browser.post(f"{here}again/")
    tell()

    assert len(receiver.received) == 2


def test_nobody_sees_the_secret_of_what_a_program_has_subscribed(browser, program_of, analyst, receive):
    token = program_of(analyst).token
    endpoint, _ = subscribe(url=receive().url, event_type=EventType.REQUEST_CLOSED, token=token)

    assert browser.post(f"/webhooks/{endpoint.pk}/secret/").status_code == 404
    assert browser.get(f"/webhooks/{endpoint.pk}/change/").status_code == 404
    assert "subscribed over REST" in text_of(browser.get("/webhooks/"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_number_of_questions(
    browser, endpoint_at, receive, count, django_assert_max_num_queries
):
    for _ in range(count):
        endpoint_at(receive())
    browser.get("/webhooks/")

    with django_assert_max_num_queries(20):
        assert len(browser.get("/webhooks/").context["endpoints"]) == count
