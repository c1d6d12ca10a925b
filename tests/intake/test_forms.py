"""The form by which a colleague records a request."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.intake.forms import MOST_PROBLEMS_SHOWN, AskedForm, RequestForm
from compliance.laws.registry import all_laws
from compliance.workflow.opening import MOST_ASKED
from compliance.workflow.states import AskedKind
from compliance.workflow.things import named


@pytest.fixture
def subscription(silent_subscription):
    return silent_subscription(production=True)


@pytest.fixture
def filled(subscription):
    def fill(**changes):
        values = {
            "visitors": "one\ntwo",
            "subscriptions": [str(subscription.pk)],
            "law": "EU_GDPR",
            "calendar": "DE",
            "received_on": clock.today().isoformat(),
            "channel": "email",
            "identity": "mailbox",
            "subject_name": "Jane Doe",
            "subject_email": "jane@person.example",
            "note": "wrote",
        }
        return RequestForm(values | changes)

    return fill


def test_a_filled_form_is_a_wish(filled, subscription):
    form = filled()

    assert form.is_valid(), form.errors
    wish = form.wish(form.things)
    assert wish.things == named(AskedKind.VISITOR, ["one", "two"])
    assert wish.subscriptions == [subscription]
    assert (wish.subject.name, wish.subject.email) == ("Jane Doe", "jane@person.example")


def test_only_ids_subscriptions_date_channel_and_identity_must_be_given(filled):
    assert filled(law="", calendar="", subject_name="", subject_email="", note="").is_valid()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("visitors", " \n ", "at least one visitor id"),
        ("visitors", "good\nba\x01d", "Line 2 holds"),
        ("visitors", "\n".join(map(str, range(MOST_ASKED + 1))), f"These are {MOST_ASKED + 1} ids"),
        ("subscriptions", [], "at least one subscription"),
        ("subscriptions", ["0"], "not one of the available"),
        ("received_on", "2999-01-01", "future"),
        ("received_on", "1999-01-01", "Check the year"),
        ("received_on", "yesterday", "valid date"),
        ("law", "XX", "valid choice"),
        ("calendar", "XX", "valid choice"),
        ("channel", "", "Say how it came."),
        ("subject_email", "jane", "valid email"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(filled, field, value, words):
    form = filled(**{field: value})

    assert set(form.errors) == {field}
    assert words in str(form.errors[field])


def test_exactly_as_many_as_a_request_takes_are_taken(filled):
    assert filled(visitors="\r\n".join(map(str, range(MOST_ASKED)))).is_valid()


def test_of_many_bad_lines_the_first_are_named_and_the_rest_counted(filled):
    form = filled(visitors="\n".join("a\tb" for _ in range(MOST_PROBLEMS_SHOWN + 5)))

    errors = form.errors["visitors"]
    assert len(errors) == MOST_PROBLEMS_SHOWN + 1
    assert errors[-1] == "5 more lines like these."


def test_an_error_names_the_line_and_not_what_it_says(filled):
    assert "jane" not in str(filled(visitors="jane\tdoe").errors)


def test_a_receipt_today_is_in_time_and_yesterday_too(filled):
    for days in (0, 1):
        assert filled(received_on=(clock.today() - dt.timedelta(days=days)).isoformat()).is_valid()


def test_all_production_subscriptions_are_chosen_to_begin_with(silent_subscription):
    production, _ = silent_subscription(production=True), silent_subscription()

    assert AskedForm().fields["subscriptions"].initial == [production.pk]


def test_where_none_is_production_all_are_chosen(silent_subscription):
    both = {silent_subscription().pk, silent_subscription().pk}

    assert set(AskedForm().fields["subscriptions"].initial) == both


@pytest.mark.django_db
def test_where_there_is_no_subscription_the_form_says_who_helps():
    assert "administrator" in AskedForm().fields["subscriptions"].help_text


@pytest.mark.django_db
def test_every_law_of_today_can_be_chosen():
    codes = [code for code, _ in RequestForm().fields["law"].choices]

    assert codes == ["", *(law.code for law in all_laws() if law.is_selectable_on(clock.today()))]
