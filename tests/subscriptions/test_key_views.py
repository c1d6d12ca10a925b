import datetime as dt

import pytest
from django.urls import reverse

from compliance.core import clock
from compliance.people.roles import Role
from compliance.sandbox.keys import DEMO_READ_KEY, DEMO_WRITE_KEY, OTHER_WRITE_KEY
from compliance.subscriptions.foreign import propose_foreign_key
from compliance.subscriptions.keys import enter_key, key_in_use
from compliance.subscriptions.models import Key, KeyProposal, Purpose


@pytest.fixture
def browser(client_of, custodian):
    """The custodian's."""
    return client_of(custodian)


def url(name, pk):
    return reverse(name, args=[pk])


def text_of(answer):
    """The text of a page, its white space folded."""
    return " ".join(answer.content.decode().split())


def page(client, subscription):
    return text_of(client.get(url("subscription", subscription.pk)))


# -- how a key is shown ------------------------------------------------------------------------------------


def test_page_shows_who_looks_after_the_key_and_until_when(subscription, browser, custodian, officer):
    key = key_in_use(subscription)
    key.owner, key.deputy, key.made_on_known = custodian, officer, True
    key.save()

    text = page(browser, subscription)

    assert f"<dt>Owner</dt><dd>{custodian.name}</dd>" in text
    assert f"<dt>Deputy</dt><dd>{officer.name}</dd>" in text
    assert f"<dt>Replace by</dt><dd>{key.rotate_by:%-d %b %Y}" in text
    assert 'tag-good">works' in text


def test_age_that_nobody_knows_is_shown_as_such(subscription, browser):
    Key.objects.update(made_on=clock.today() - dt.timedelta(days=5))

    text = page(browser, subscription)

    assert "at least 5 days" in text
    assert "or before; nobody said when" in text


@pytest.mark.parametrize(
    ("days", "said"), [(59, None), (60, "tag-warn"), (90, "tag-warn"), (91, "tag-bad"), (400, "tag-bad")]
)
@pytest.mark.parametrize("name", ["subscription", "subscriptions"])
def test_key_that_grows_old_is_marked(subscription, browser, days, said, name):
    Key.objects.update(made_on=clock.today() - dt.timedelta(days=days))

    text = text_of(browser.get(reverse(name, args=[subscription.pk] if name == "subscription" else [])))

    assert ("replace it" in text) is bool(said)
    assert said is None or f'{said}">replace it' in text


@pytest.mark.parametrize(
    ("days", "said"), [(10, "All subscriptions are working"), (80, "Have the keys replaced")]
)
def test_list_says_what_to_do_about_old_keys(subscription, browser, days, said):
    Key.objects.update(made_on=clock.today() - dt.timedelta(days=days))

    assert said in text_of(browser.get(reverse("subscriptions")))


def test_custodian_is_told_to_replace_a_key_that_grows_old(subscription, browser):
    Key.objects.update(made_on=clock.today() - dt.timedelta(days=85))

    assert "Make a new key in Pendo and enter it here" in page(browser, subscription)


def test_retired_key_is_shown_as_such(subscription, browser):
    now = clock.now()
    Key.objects.create(
        subscription=subscription, fingerprint="0123abcd", replaced_at=now, refused_at=now, retired_at=now
    )

    text = page(browser, subscription)

    assert "0123abcd" in text
    assert "retired</span>" in text
    assert "waiting to be deleted" not in text


# -- replacing ---------------------------------------------------------------------------------------------


def test_custodian_replaces_the_key_and_is_told_what_to_delete(subscription, browser, second_key):
    former, made_on = key_in_use(subscription), clock.today() - dt.timedelta(days=3)

    answer = browser.post(
        url("subscription_key", subscription.pk), {"key": second_key, "made_on": made_on}, follow=True
    )

    text = text_of(answer)
    assert key_in_use(subscription).made_on == made_on
    assert f"The key {former} waits to be deleted." in text
    assert "Next:</strong> Have the replaced key deleted in Pendo" in text


def test_form_offers_today_and_takes_none(subscription, browser, second_key):
    assert f'value="{clock.today().isoformat()}"' in text_of(
        browser.get(url("subscription_key", subscription.pk))
    )

    browser.post(url("subscription_key", subscription.pk), {"key": second_key, "made_on": ""})

    assert key_in_use(subscription).made_on_known is False


def test_day_in_the_future_is_refused(subscription, browser, second_key):
    tomorrow = clock.today() + dt.timedelta(days=1)

    answer = browser.post(url("subscription_key", subscription.pk), {"key": second_key, "made_on": tomorrow})

    assert answer.status_code == 422
    assert "lies in the future" in text_of(answer)


# -- for look-ups ------------------------------------------------------------------------------------------


def test_custodian_enters_a_read_only_key_and_does_without_it_again(subscription, browser):
    entered = browser.post(
        url("subscription_reading_key", subscription.pk), {"key": DEMO_READ_KEY}, follow=True
    )
    reading = key_in_use(subscription, Purpose.READ)
    assert "Look-ups go by it now" in text_of(entered)
    assert "The read-only key for look-ups" in text_of(entered)

    aside = browser.post(url("key_aside", reading.pk), follow=True)

    assert key_in_use(subscription, Purpose.READ) is None
    assert "Look-ups go by the other key now" in text_of(aside)


def test_read_only_key_that_may_write_is_refused_beside_the_field(subscription, browser):
    answer = browser.post(url("subscription_reading_key", subscription.pk), {"key": DEMO_WRITE_KEY})

    assert answer.status_code == 422
    assert "may also write" in text_of(answer)


def test_key_for_everything_is_not_put_aside(subscription, browser):
    key = key_in_use(subscription)

    answer = browser.post(url("key_aside", key.pk), follow=True)

    assert "Enter another one in its place" in text_of(answer)
    assert key_in_use(subscription) == key


# -- care --------------------------------------------------------------------------------------------------


def test_custodian_says_who_looks_after_a_key(subscription, browser, custodian, officer):
    key = key_in_use(subscription)
    values = {"owner": custodian.pk, "deputy": officer.pk, "made_on": "2026-01-05", "rotation_days": 30}

    answer = browser.post(url("key_care", key.pk), values)

    key = Key.objects.select_related("subscription").get()
    assert answer.url == url("subscription", subscription.pk)
    assert (key.owner, key.deputy, key.made_on) == (custodian, officer, dt.date(2026, 1, 5))
    assert key.subscription.rotation_days == 30


def test_form_of_care_shows_names_and_what_holds_now(subscription, browser, custodian):
    Key.objects.update(owner=custodian)

    text = text_of(browser.get(url("key_care", key_in_use(subscription).pk)))

    assert f'<option value="{custodian.pk}" selected>{custodian.name}</option>' in text
    assert 'name="rotation_days" value="90"' in text


def test_refusal_of_care_is_shown(subscription, browser, custodian):
    values = {"owner": custodian.pk, "deputy": custodian.pk, "made_on": "", "rotation_days": 90}

    answer = browser.post(url("key_care", key_in_use(subscription).pk), values)

    assert answer.status_code == 422
    assert "same person" in text_of(answer)


# -- a key of another subscription -------------------------------------------------------------------------


def test_foreign_key_is_first_called_a_mistake_and_only_then_a_move(subscription, browser):
    answer = browser.post(url("subscription_key", subscription.pk), {"key": OTHER_WRITE_KEY})

    text = text_of(answer)
    assert answer.status_code == 422
    assert text.index("simply the wrong key") < text.index("moved or made anew in Pendo</summary>")
    assert url("subscription_propose_key", subscription.pk) in text
    assert OTHER_WRITE_KEY not in text


def test_way_to_propose_is_not_shown_before_a_key_was_refused_as_foreign(subscription, browser):
    shown = [
        browser.get(url("subscription_key", subscription.pk)),
        browser.post(url("subscription_key", subscription.pk), {"key": "unknown"}),
    ]

    assert not [each for each in shown if url("subscription_propose_key", subscription.pk) in text_of(each)]


def propose(browser, subscription, **changes):
    values = {"key": OTHER_WRITE_KEY, "on_purpose": "on"} | changes
    return browser.post(url("subscription_propose_key", subscription.pk), values, follow=True)


def test_foreign_key_is_proposed_and_confirmed_by_an_officer(subscription, browser, officer, client_of):
    proposed = text_of(propose(browser, subscription))
    proposal = KeyProposal.objects.get()
    assert "has to confirm it within a day" in proposed
    assert url("key_proposal_confirm", proposal.pk) not in proposed
    assert "Take it back" in proposed
    seen = page(client_of(officer), subscription)
    assert "Confirm or decline the key of another Pendo subscription" in seen

    answer = client_of(officer).post(url("key_proposal_confirm", proposal.pk), follow=True)

    assert f"is reached by the key {proposal.fingerprint} now" in text_of(answer)
    assert key_in_use(subscription).fingerprint == proposal.fingerprint


def test_foreign_key_is_not_proposed_without_saying_that_it_is_on_purpose(subscription, browser):
    answer = propose(browser, subscription, on_purpose="")

    assert answer.status_code == 422
    assert "Tick this only if it is so" in text_of(answer)
    assert not KeyProposal.objects.exists()


def test_proposer_is_refused_to_confirm(subscription, browser, custodian):
    proposal = propose_foreign_key(subscription=subscription, key=OTHER_WRITE_KEY, by=custodian)

    answer = browser.post(url("key_proposal_confirm", proposal.pk), follow=True)

    assert "You proposed this key" in text_of(answer)
    assert key_in_use(subscription).fingerprint != proposal.fingerprint


def test_foreign_key_is_declined(subscription, custodian, officer, client_of):
    proposal = propose_foreign_key(subscription=subscription, key=OTHER_WRITE_KEY, by=custodian)

    answer = client_of(officer).post(url("key_proposal_decline", proposal.pk), follow=True)

    assert f"The proposed key {proposal.fingerprint} is destroyed" in text_of(answer)
    assert KeyProposal.objects.get().sealed is None


def test_second_person_proves_again_who_they_are(subscription, custodian, officer, stale_client_of):
    proposal = propose_foreign_key(subscription=subscription, key=OTHER_WRITE_KEY, by=custodian)

    answer = stale_client_of(officer).post(url("key_proposal_confirm", proposal.pk))

    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert KeyProposal.objects.get().decision == ""


def test_readers_see_the_proposal_and_no_button(subscription, custodian, make_person, client_of):
    proposal = propose_foreign_key(subscription=subscription, key=OTHER_WRITE_KEY, by=custodian)

    text = page(client_of(make_person(Role.LEGAL)), subscription)

    assert "waits for a second person" in text
    assert url("key_proposal_confirm", proposal.pk) not in text


def test_list_shows_both_keys_in_use(subscription, browser):
    reading = enter_key(subscription=subscription, key=DEMO_READ_KEY, by=None, purpose=Purpose.READ)

    text = text_of(browser.get(reverse("subscriptions")))

    assert key_in_use(subscription).fingerprint in text
    assert reading.fingerprint in text
