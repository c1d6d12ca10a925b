"""The form by which a colleague records a request."""

import datetime as dt

import pytest

from compliance.connectors.pendo import Report, Segment
from compliance.core import clock
from compliance.intake.forms import AskedForm, RequestForm
from compliance.people.roles import Role
from compliance.workflow.enabled_laws import disable_law, enable_law
from compliance.workflow.line_fields import MOST_PROBLEMS_SHOWN
from compliance.workflow.offerings import due_offerings, keep_offering, want_offerings
from compliance.workflow.opening import MOST_ASKED
from compliance.workflow.states import AskedKind, Kind
from compliance.workflow.things import Thing, named


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


def offered(name):
    return [code for code, _ in RequestForm().fields[name].choices]


def test_only_enabled_laws_in_force_can_be_chosen(make_person, time_machine):
    time_machine.move_to("2026-11-26T12:00:00Z")
    administrator = make_person(Role.ADMINISTRATOR)

    assert offered("law") == ["", "EU_GDPR", "UK_GDPR", "US_CA"]
    enable_law(code="US_CO", by=administrator)
    enable_law(code="US_OK", by=administrator)
    disable_law(code="UK_GDPR", by=administrator)
    assert offered("law") == ["", "EU_GDPR", "US_CA", "US_CO"]
    assert "DE-BY" in offered("calendar")
    assert "SCT" not in offered("calendar")
    time_machine.move_to("2027-01-01T12:00:00Z")
    assert offered("law") == ["", "EU_GDPR", "US_CA", "US_CO", "US_OK"]


# -- Kinds ---------------------------------------------------------------------------------------------------

SOURCES = {
    *("prefixes", "suffixes", "domains", "metadata"),
    *("segments", "offered_segments", "reports", "offered_reports"),
}
FIELDS = {
    Kind.ERASURE: {
        "visitors",
        "emails",
        "accounts",
        "with_visitors",
        "law",
        "calendar",
        "company_role",
        "channel",
        "identity",
        "subject_name",
        "subject_email",
        "access_asked",
    },
    Kind.OFFBOARDING: {"visitors", "emails", "accounts", "with_visitors", "send_by"},
    Kind.RETENTION: {
        *SOURCES,
        "visitors",
        "emails",
        "accounts",
        "with_visitors",
        "send_by",
        "policy_reference",
        "seen_before",
    },
    Kind.TEST_DATA: {*SOURCES, "visitors", "emails", "accounts", "with_visitors", "send_by"},
    Kind.GUIDE_RESET: {*SOURCES, "guides", "visitors", "emails", "staged", "for_everybody", "send_by"},
    Kind.READMISSION: {"visitors", "send_by"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_fields_and_no_others(kind):
    assert set(RequestForm(kind=kind).fields) == FIELDS[kind] | {"subscriptions", "received_on", "note"}


@pytest.fixture
def of_kind(subscription):
    """`of_kind(kind, **values)`: a form with what every kind has to say."""

    def fill(kind, **values):
        common = {"subscriptions": [str(subscription.pk)], "received_on": clock.today().isoformat()}
        return RequestForm(common | values, kind=kind)

    return fill


def test_a_customer_leaves_with_accounts_and_their_visitors(of_kind):
    form = of_kind(Kind.OFFBOARDING, accounts="Harbour Ltd", emails="jane@person.example")

    assert form.is_valid(), form.errors
    wish = form.wish(form.things)
    assert wish.things == [
        Thing(AskedKind.EMAIL, "jane@person.example"),
        Thing(AskedKind.ACCOUNT, "Harbour Ltd"),
    ]
    assert (wish.kind, wish.law, wish.channel, wish.with_visitors) == (Kind.OFFBOARDING, "", None, True)


def test_that_the_visitors_stay_is_a_visible_choice(of_kind):
    form = of_kind(Kind.OFFBOARDING, accounts="Harbour Ltd", with_visitors="stay")

    assert form.is_valid()
    assert not form.wish(form.things).with_visitors


def test_a_policy_is_named_and_may_spare_by_day(of_kind):
    form = of_kind(
        Kind.RETENTION,
        visitors="one",
        policy_reference="R-7, § 2",
        seen_before="2020-01-01",
        send_by="2999-01-01",
    )

    assert form.is_valid(), form.errors
    wish = form.wish(form.things)
    assert (wish.policy_reference, wish.seen_before) == ("R-7, § 2", dt.date(2020, 1, 1))
    assert wish.send_by == dt.date(2999, 1, 1)


@pytest.mark.parametrize(
    ("kind", "values", "field", "words"),
    [
        (Kind.RETENTION, {"visitors": "one"}, "policy_reference", "Name the policy"),
        (
            Kind.RETENTION,
            {"visitors": "one", "policy_reference": "R", "seen_before": "2999-01-01"},
            "seen_before",
            "future",
        ),
        (Kind.READMISSION, {"visitors": "one"}, "note", "Say why"),
        (Kind.OFFBOARDING, {}, "accounts", "at least one account id"),
        (Kind.OFFBOARDING, {"visitors": "one", "send_by": "2000-01-01"}, "send_by", "before its receipt"),
        (Kind.GUIDE_RESET, {}, "guides", "at least one guide id, visitor id or e-mail address"),
        (Kind.GUIDE_RESET, {"guides": "all"}, "guides", "Line 1 is no guide id"),
        (Kind.TEST_DATA, {"emails": "jane"}, "emails", "Line 1 is no e-mail address"),
    ],
)
def test_what_a_kind_lacks_is_said_beside_its_field(of_kind, kind, values, field, words):
    form = of_kind(kind, **values)

    assert set(form.errors) == {field}
    assert words in str(form.errors[field])


def test_all_staged_guides_for_everybody_are_ticked_twice(of_kind):
    form = of_kind(Kind.GUIDE_RESET, staged="on", for_everybody="on")

    assert form.is_valid(), form.errors
    assert form.things == [Thing(AskedKind.STAGED, "")]
    assert form.wish(form.things).for_everybody


def test_the_first_field_is_what_the_kind_is_mostly_about(of_kind):
    names = [field.name for field in of_kind(Kind.OFFBOARDING).lines]

    assert names == ["accounts", "visitors", "emails"]


def test_too_many_are_counted_over_all_fields(of_kind):
    many = "\n".join(map(str, range(MOST_ASKED)))

    assert of_kind(Kind.TEST_DATA, visitors=many).is_valid()
    assert not of_kind(Kind.TEST_DATA, visitors=many, accounts="one").is_valid()


@pytest.mark.parametrize("kind", [Kind.TEST_DATA, Kind.GUIDE_RESET])
def test_what_is_for_tests_begins_with_other_subscriptions_than_production(silent_subscription, kind):
    _, other = silent_subscription(production=True), silent_subscription()

    assert RequestForm(kind=kind).fields["subscriptions"].initial == [other.pk]


# -- Patterns, segments and reports --------------------------------------------------------------------------


@pytest.fixture
def offering(subscription):
    """The subscription has a shared segment, a public report, and a path."""
    want_offerings([subscription])
    keep_offering(
        due_offerings(subscription).get(),
        segments=[Segment("sg1", "QA visitors")],
        reports=[Report("rp1", "Nightly", "account", "List"), Report("rp2", "Way in", None, "Path")],
    )


def asked_by_source(subscription, **values):
    received = clock.today().isoformat()
    everything = {"subscriptions": [str(subscription.pk)], "received_on": received} | values
    return RequestForm(everything, kind=Kind.TEST_DATA)


def test_sources_are_asked_as_they_are_typed_or_chosen(subscription, offering):
    form = asked_by_source(
        subscription,
        prefixes="qa-",
        suffixes="-tmp",
        domains="@QA.example",
        metadata="custom.env=qa",
        offered_segments=["sg1"],
        segments="sg2",
        offered_reports=["rp1"],
        reports="rp3",
    )

    assert form.is_valid(), form.errors
    assert {(thing.kind.value, thing.value) for thing in form.things} == {
        ("prefix", "qa-"),
        ("suffix", "-tmp"),
        ("email_domain", "qa.example"),
        ("metadata", "custom.env=qa"),
        ("segment", "sg1"),
        ("segment", "sg2"),
        ("report", "rp1"),
        ("report", "rp3"),
    }


def test_lists_that_cannot_be_read_are_shown_and_cannot_be_chosen(subscription, offering):
    form = asked_by_source(subscription, offered_reports=["rp2"])

    assert not form.is_valid()
    assert form["offered_reports"].errors
    [offered] = form.offered
    assert [each.name for each in offered.unreadable] == ["Way in"]


def test_short_prefix_is_refused_beside_its_field(subscription):
    form = asked_by_source(subscription, prefixes="qa")

    assert "shorter than 3 characters" in form.errors["prefixes"][0]
    assert form.sources_open


def test_only_kinds_that_may_name_sources_have_their_fields(subscription):
    assert "prefixes" not in RequestForm(kind=Kind.ERASURE).fields
    assert RequestForm(kind=Kind.ERASURE).sources == []
    assert "offered_segments" in RequestForm(kind=Kind.RETENTION).fields
    assert [field.name for field in RequestForm(kind=Kind.GUIDE_RESET).sources][:2] == [
        "prefixes",
        "suffixes",
    ]


def test_opening_the_form_has_the_lists_read(subscription):
    RequestForm(kind=Kind.TEST_DATA)

    assert due_offerings(subscription).exists()
