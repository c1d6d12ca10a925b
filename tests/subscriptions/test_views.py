import datetime as dt
import logging

import pytest
from auditlog.models import LogEntry
from django.contrib.sessions.models import Session
from django.urls import reverse

from compliance.audit.models import Entry
from compliance.core import clock
from compliance.people.roles import Role
from compliance.sandbox.keys import DEMO_READ_KEY, DEMO_WRITE_KEY, OTHER_WRITE_KEY
from compliance.subscriptions.keys import enter_key, key_in_use
from compliance.subscriptions.models import Key, LaneKind, PauseReason, Subscription
from compliance.subscriptions.pausing import pause
from compliance.subscriptions.registration import add_subscription

PAGES = ("subscription", "subscription_key", "subscription_pause", "subscription_resume")
READERS = {Role.ANALYST, Role.OFFICER, Role.LEGAL, Role.KEY_CUSTODIAN, Role.ADMINISTRATOR}
MAY = {
    ("get", "subscriptions"): READERS,
    ("get", "subscription"): READERS,
    ("get", "subscription_add"): {Role.ADMINISTRATOR},
    ("post", "subscription_add"): {Role.ADMINISTRATOR},
    ("get", "subscription_key"): {Role.KEY_CUSTODIAN},
    ("post", "subscription_key"): {Role.KEY_CUSTODIAN},
    ("post", "subscription_pause"): {Role.ANALYST, Role.OFFICER, Role.KEY_CUSTODIAN, Role.ADMINISTRATOR},
    ("post", "subscription_resume"): {Role.OFFICER},
}


@pytest.fixture
def browse(make_person, client_of):
    """`browse(role)`: the browser of somebody who holds it."""
    return lambda role: client_of(make_person(role))


@pytest.fixture
def keyless(db):
    return add_subscription(name="Keyless", region="eu", production=True, by=None)


def url(name, subscription=None):
    return reverse(name, args=[subscription.pk] if subscription else [])


def page(client, name, subscription=None):
    """The text of a page, its white space folded."""
    answer = client.get(url(name, subscription))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


# -- who ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "name"), MAY)
def test_door_opens_for_its_roles_only(browse, keyless, method, name, role):
    address = url(name, keyless if name in PAGES else None)

    answer = getattr(browse(role), method)(address)

    assert (answer.status_code != 403) == (role in MAY[method, name])


@pytest.mark.parametrize(("method", "name"), MAY)
def test_door_sends_whoever_is_not_logged_in_to_the_log_in(client, keyless, method, name):
    answer = getattr(client, method)(url(name, keyless if name in PAGES else None))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_key_is_entered_only_after_proving_again_who_one_is(subscription, custodian, stale_client_of):
    former, client = key_in_use(subscription), stale_client_of(custodian)

    asked = client.get(url("subscription_key", subscription))
    sent = client.post(url("subscription_key", subscription), {"key": DEMO_WRITE_KEY})

    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert sent.url.startswith(reverse("account_reauthenticate"))
    assert DEMO_WRITE_KEY not in sent.url + str(dict(client.session))
    assert key_in_use(subscription) == former


@pytest.mark.parametrize("name", ["subscription_pause", "subscription_resume"])
def test_pausing_and_resuming_never_happen_by_a_link(browse, subscription, name):
    assert browse(Role.OFFICER).get(url(name, subscription)).status_code == 405


@pytest.mark.parametrize("name", ["subscription", "subscription_key"])
def test_subscription_that_does_not_exist_is_not_found(custodian, client_of, name):
    assert client_of(custodian).get(reverse(name, args=[999])).status_code == 404


# -- the list ----------------------------------------------------------------------------------------------


def test_list_shows_state_region_key_and_who_entered_it(sandbox, make_subscription, custodian, browse):
    shop = make_subscription(sandbox, name="Shop", production=True)
    key = enter_key(subscription=shop, key=DEMO_WRITE_KEY, by=custodian)
    made_on = clock.today() - dt.timedelta(days=41)
    Key.objects.filter(pk=key.pk).update(made_on=made_on, made_on_known=True)

    text = page(browse(Role.LEGAL), "subscriptions")

    assert "Shop" in text
    assert "United States (app.pendo.io)" in text
    assert '<span class="tag tag-good">working</span>' in text
    assert f"{key.fingerprint}</span>, 41 days old, entered by Kim Keys" in text


def test_list_shows_what_is_not_working_and_why(keyless, sandbox, make_subscription, browse):
    shop = make_subscription(sandbox, name="Shop")
    pause(subscription=shop, reason=PauseReason.KEY_REFUSED, by=None)

    text = page(browse(Role.ANALYST), "subscriptions")

    assert "no key yet" in text
    assert "Pendo refuses the key" in text
    assert "Open those that are not working" in text


def test_empty_list_says_who_has_to_begin(browse):
    assert "Add your first Pendo subscription" in page(browse(Role.ADMINISTRATOR), "subscriptions")
    assert "An administrator adds your first" in page(browse(Role.LEGAL), "subscriptions")


def test_list_takes_as_many_queries_for_three_as_for_one(
    sandbox, make_subscription, browse, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(Role.LEGAL)
    make_subscription(sandbox)
    client.get(url("subscriptions"))
    with django_assert_max_num_queries(20) as one:
        client.get(url("subscriptions"))
    make_subscription(sandbox)
    make_subscription(sandbox)

    with django_assert_num_queries(len(one)):
        client.get(url("subscriptions"))


# -- one subscription --------------------------------------------------------------------------------------


def test_page_counts_what_the_subscription_is_recognised_by_and_names_none(subscription, demo, browse):
    text = page(browse(Role.LEGAL), "subscription", subscription)

    assert "By 8 control visitors known to exist and by 25 guides" in text
    assert not [guide for guide in demo.guides if guide in text]
    assert not [
        visitor_id for visitor_id in demo.visitors.ids() if len(visitor_id) > 6 and visitor_id in text
    ]


def test_page_of_a_subscription_without_key_says_who_enters_it(keyless, browse):
    assert "A key custodian enters the key" in page(browse(Role.LEGAL), "subscription", keyless)
    custodians = page(browse(Role.KEY_CUSTODIAN), "subscription", keyless)
    assert "Enter the key. Until then" in custodians
    assert url("subscription_key", keyless) in custodians


def test_page_shows_until_when_a_lane_waits(subscription, browse):
    subscription.lanes.filter(kind=LaneKind.READ).update(
        next_at=clock.now() + dt.timedelta(hours=1), failures=2
    )

    text = page(browse(Role.LEGAL), "subscription", subscription)

    assert "Pendo gave no usable answer to the last 2 calls" in text
    assert text.count("waiting</span> until") == 1


def test_page_asks_to_delete_replaced_keys_in_pendo(subscription, demo, custodian, browse):
    former, second_key = key_in_use(subscription), "5a4db0c5-0000-4000-8000-000000de3003.us"
    demo.keys[second_key] = True
    enter_key(subscription=subscription, key=second_key, by=custodian)

    text = page(browse(Role.LEGAL), "subscription", subscription)

    assert former.fingerprint in text
    assert "waiting to be deleted in Pendo" in text
    assert "Settings &gt; Integrations &gt; Integration Keys" in text
    assert "clicks the trash icon" in text


def test_page_never_asks_to_delete_the_key_in_use(subscription, custodian, browse):
    enter_key(subscription=subscription, key=DEMO_WRITE_KEY, by=custodian)

    text = page(browse(Role.LEGAL), "subscription", subscription)

    assert "Replaced keys" not in text
    assert "to be deleted" not in text


@pytest.mark.parametrize(
    ("role", "reason", "buttons"),
    [
        (Role.ANALYST, None, {"pause"}),
        (Role.OFFICER, None, {"pause"}),
        (Role.LEGAL, None, set()),
        (Role.OFFICER, PauseReason.PERSON, {"resume"}),
        (Role.OFFICER, PauseReason.FOREIGN, {"resume"}),
        (Role.ANALYST, PauseReason.PERSON, set()),
    ],
)
def test_page_offers_what_the_role_may_do_now(subscription, browse, role, reason, buttons):
    if reason:
        pause(subscription=subscription, reason=reason, by=None)

    text = page(browse(role), "subscription", subscription)

    assert {
        name for name in ("pause", "resume") if url(f"subscription_{name}", subscription) in text
    } == buttons


def test_page_of_a_subscription_with_a_foreign_key_explains_and_says_what_to_do(subscription, browse):
    pause(subscription=subscription, reason=PauseReason.FOREIGN, by=None)

    text = page(browse(Role.ANALYST), "subscription", subscription)

    assert "The key answers for another subscription" in text
    assert "A key custodian enters a key of the right subscription here" in text


def test_page_of_a_subscription_whose_key_is_refused_asks_for_a_working_one(subscription, browse):
    pause(subscription=subscription, reason=PauseReason.KEY_REFUSED, by=None)

    assert "Enter a working key" in page(browse(Role.KEY_CUSTODIAN), "subscription", subscription)
    assert "A key custodian enters a working key" in page(browse(Role.OFFICER), "subscription", subscription)


# -- pausing -----------------------------------------------------------------------------------------------


def test_pause_button_pauses_and_says_so(subscription, browse):
    answer = browse(Role.ANALYST).post(url("subscription_pause", subscription), follow=True)

    subscription.refresh_from_db()
    assert subscription.paused_reason == PauseReason.PERSON
    assert f"{subscription.name} is paused: nothing more is sent" in answer.content.decode()


def test_pause_button_pressed_late_says_that_it_was_paused_already(subscription, browse):
    pause(subscription=subscription, reason=PauseReason.FOREIGN, by=None)

    answer = browse(Role.ANALYST).post(url("subscription_pause", subscription), follow=True)

    assert "was paused already" in answer.content.decode()


def test_resume_button_resumes_and_says_so(subscription, browse):
    pause(subscription=subscription, reason=PauseReason.PERSON, by=None)

    answer = browse(Role.OFFICER).post(url("subscription_resume", subscription), follow=True)

    subscription.refresh_from_db()
    assert not subscription.paused
    assert "is resumed: calls go on" in answer.content.decode()


def test_refusal_to_resume_is_shown(subscription, browse):
    pause(subscription=subscription, reason=PauseReason.KEY_REFUSED, by=None)

    answer = browse(Role.OFFICER).post(url("subscription_resume", subscription), follow=True)

    assert "Enter a working one" in answer.content.decode()


# -- adding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ticked", "production"), [({"production": "on"}, True), ({}, False)])
def test_administrator_adds_a_subscription_and_lands_on_its_page(browse, settings, ticked, production):
    settings.PENDO_ALLOW_CUSTOM_URL = False

    answer = browse(Role.ADMINISTRATOR).post(
        url("subscription_add"), {"name": "Shop", "region": "jp"} | ticked
    )

    added = Subscription.objects.get()
    assert answer.url == url("subscription", added)
    assert (added.name, added.region, added.production, added.url) == ("Shop", "jp", production, "")


def test_subscription_is_production_unless_said_otherwise(browse):
    assert 'name="production" class="form-check-input"' in page(
        browse(Role.ADMINISTRATOR), "subscription_add"
    )
    assert "checked" in page(browse(Role.ADMINISTRATOR), "subscription_add")


def test_refusal_to_add_is_shown_with_what_was_typed(browse, keyless):
    answer = browse(Role.ADMINISTRATOR).post(url("subscription_add"), {"name": keyless.name, "region": "au"})

    text = answer.content.decode()
    assert "named &#x27;Keyless&#x27; already" in text
    assert 'value="Keyless"' in text
    assert '<option value="au" selected>' in text


@pytest.mark.parametrize("allowed", [True, False])
def test_another_address_is_asked_for_only_where_settings_allow_it(browse, settings, allowed):
    settings.PENDO_ALLOW_CUSTOM_URL = allowed

    assert ('name="url"' in page(browse(Role.ADMINISTRATOR), "subscription_add")) is allowed


def test_another_address_sent_without_being_asked_for_is_not_taken(browse, settings):
    settings.PENDO_ALLOW_CUSTOM_URL = False

    browse(Role.ADMINISTRATOR).post(
        url("subscription_add"), {"name": "Shop", "region": "us", "url": "http://127.0.0.1:9"}
    )

    assert Subscription.objects.get().url == ""


# -- the key -----------------------------------------------------------------------------------------------


def test_custodian_enters_the_key_and_lands_on_the_page(subscription, custodian, client_of):
    answer = client_of(custodian).post(
        url("subscription_key", subscription), {"key": DEMO_WRITE_KEY}, follow=True
    )

    assert key_in_use(subscription).entered_by == custodian
    assert "was verified by Pendo, and is sealed and in use" in answer.content.decode()


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (DEMO_READ_KEY, "it may only read"),
        (OTHER_WRITE_KEY, "belongs to another Pendo subscription"),
        ("5a4db0c5-0000-4000-8000-00000badc0de.us", "Pendo refuses this key"),
        ("", "Paste the key here."),
    ],
    ids=["reading", "foreign", "unknown", "empty"],
)
def test_refused_key_is_told_beside_the_field(subscription, custodian, client_of, key, why):
    former = key_in_use(subscription)

    answer = client_of(custodian).post(url("subscription_key", subscription), {"key": key})

    text = answer.content.decode()
    assert why in text.split('id="id_key_error">')[1].split("</div>")[0]
    assert not key or key not in text
    assert key_in_use(subscription) == former


def test_key_field_hides_what_is_typed_and_is_never_filled_in(subscription, custodian, client_of):
    text = page(client_of(custodian), "subscription_key", subscription)

    field = text[text.index('<input type="password"') :].split(">")[0]
    assert 'autocomplete="off"' in field
    assert "value=" not in field


@pytest.mark.parametrize("key", [DEMO_WRITE_KEY, DEMO_READ_KEY])
def test_key_stands_nowhere_after_it_was_entered_or_refused(subscription, custodian, client_of, caplog, key):
    caplog.set_level(logging.DEBUG)
    client = client_of(custodian)

    pages = [
        client.post(url("subscription_key", subscription), {"key": key}, follow=True),
        client.get(url("subscription", subscription)),
        client.get(url("subscription_key", subscription)),
        client.get(url("subscriptions")),
    ]

    written = [answer.content.decode() for answer in pages]
    written += [str(session.get_decoded()) for session in Session.objects.all()]
    written += [str(row) for row in LogEntry.objects.values()]
    written += [str(row) for row in Entry.objects.values()]
    written += [str(row) for row in Key.objects.values()]
    assert LogEntry.objects.exists()
    assert key not in "".join(written) + caplog.text
