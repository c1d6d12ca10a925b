"""In which field a subscription keeps e-mail addresses."""

import pytest
from django.urls import reverse

from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.subscriptions.email_fields import fields_in_pendo, set_email_field
from compliance.subscriptions.models import Subscription


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR)


def test_pendo_shows_the_fields_likely_ones_first(transactional_db, sandbox, make_subscription):
    assert fields_in_pendo(make_subscription(sandbox))[0] == "agent.email"


def test_without_a_key_or_while_paused_pendo_is_not_asked(
    transactional_db, sandbox, make_subscription, silent_subscription
):
    working = make_subscription(sandbox)
    working.paused_reason = "person"

    assert fields_in_pendo(silent_subscription()) == fields_in_pendo(working) == []


def test_where_pendo_does_not_answer_nothing_is_offered(transactional_db, sandbox, make_subscription):
    subscription = make_subscription(sandbox)
    sandbox.world.faults.switch_on(kind="status_500", times=9, prefix="/api/v1/metadata")

    assert fields_in_pendo(subscription) == []


def test_the_field_is_kept(silent_subscription, administrator):
    subscription = silent_subscription()

    set_email_field(subscription=subscription, field="agent.mail_address", by=administrator)

    subscription.refresh_from_db()
    assert subscription.email_field == "agent.mail_address"


@pytest.mark.parametrize(
    "field", ["", "email", "agent.", "agent.e-mail", "agent.email}", "a.b.c", "agent.email\n"]
)
def test_what_cannot_be_a_field_is_refused(silent_subscription, administrator, field):
    subscription = silent_subscription()

    with pytest.raises(Refused, match="with a dot"):
        set_email_field(subscription=subscription, field=field, by=administrator)


@pytest.mark.parametrize("role", set(Role) - {Role.ADMINISTRATOR})
def test_nobody_else_changes_it(silent_subscription, make_person, role):
    with pytest.raises(Refused):
        set_email_field(subscription=silent_subscription(), field="agent.mail", by=make_person(role))


def test_on_its_page_a_field_is_chosen(
    transactional_db, sandbox, make_subscription, administrator, client_of
):
    subscription, browser = make_subscription(sandbox), client_of(administrator)
    address = reverse("subscription_email_field", args=[subscription.pk])

    page = browser.get(address).content.decode()
    answer = browser.post(address, {"field": "agent.other"})

    assert '<option value="agent.email" selected>' in page
    assert answer.url == reverse("subscription", args=[subscription.pk])
    assert Subscription.objects.get(pk=subscription.pk).email_field == "agent.other"


def test_where_pendo_cannot_be_asked_it_is_typed(silent_subscription, administrator, client_of):
    subscription, browser = silent_subscription(), client_of(administrator)
    address = reverse("subscription_email_field", args=[subscription.pk])

    page = browser.get(address).content.decode()
    answer = browser.post(address, {"field": "e-mail"})

    assert "type the name" in page
    assert answer.status_code == 422
    assert 'id="id_field_error"' in answer.content.decode()
