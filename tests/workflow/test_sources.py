"""Patterns, segments and reports in a request, before anything is asked of Pendo."""

import datetime as dt

import pytest

from compliance.connectors.pendo import Report, Segment, Visitor
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.workflow.guards import known_visitors
from compliance.workflow.ids import read_lines
from compliance.workflow.listings import lists_asked
from compliance.workflow.models import Listing, Offering
from compliance.workflow.offerings import (
    FRESH,
    due_offerings,
    keep_offering,
    offered_by,
    refuse_offering,
    want_offerings,
)
from compliance.workflow.rows import source_rows
from compliance.workflow.sources import MOST_SOURCES, Pattern
from compliance.workflow.states import LISTS, SOURCES, AskedKind, Kind
from compliance.workflow.things import Thing, named

GOOD = {
    AskedKind.PREFIX: "qa-",
    AskedKind.SUFFIX: "-qa",
    AskedKind.EMAIL_DOMAIN: "qa.example",
    AskedKind.METADATA: "custom.env=qa",
    AskedKind.SEGMENT: "sgQa_1-x",
    AskedKind.REPORT: "rpQa",
}


def of_kind(kind, **more):
    return {"kind": kind, "law": "", "channel": None, "identity": None, **more}


# -- What can be named ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", sorted(SOURCES))
def test_sources_are_for_test_data_guide_resets_and_retention(new_request, asked):
    for kind, more in (
        (Kind.TEST_DATA, {}),
        (Kind.GUIDE_RESET, {}),
        (Kind.RETENTION, {"policy_reference": "P-1"}),
    ):
        request = new_request(things=[Thing(asked, GOOD[asked])], **of_kind(kind, **more))

        assert request.scans.exists()
        assert not request.targets.exists()


@pytest.mark.parametrize("kind", [Kind.ERASURE, Kind.OFFBOARDING, Kind.READMISSION])
def test_erasure_is_about_somebody_in_particular(new_request, kind):
    wish = {} if kind is Kind.ERASURE else of_kind(kind, note="why")

    with pytest.raises(Refused, match="about somebody in particular, so it can't name: beginning of visitor"):
        new_request(things=[Thing(AskedKind.PREFIX, "qa-")], **(wish | {"kind": kind}))


@pytest.mark.parametrize(
    ("asked", "text", "words"),
    [
        (AskedKind.PREFIX, "qa", "shorter than 3 characters"),
        (AskedKind.SUFFIX, "-", "nearly everybody"),
        (AskedKind.PREFIX, "a" * 1025, "longer than"),
        (AskedKind.EMAIL_DOMAIN, "qa", "no e-mail domain"),
        (AskedKind.EMAIL_DOMAIN, "ana@qa.example", "no e-mail domain"),
        (AskedKind.METADATA, "custom.env", "group.field=value"),
        (AskedKind.METADATA, "custom.env=", "group.field=value"),
        (AskedKind.METADATA, "env=qa", "group.field=value"),
        (AskedKind.METADATA, 'custom."env"=qa', "group.field=value"),
        (AskedKind.SEGMENT, "a/b", "no id of a segment"),
        (AskedKind.REPORT, "x" * 201, "no id of a segment"),
    ],
)
def test_what_would_mean_everybody_or_nothing_is_refused_with_words(new_request, asked, text, words):
    assert words in read_lines(asked, text).problems[0][1]
    with pytest.raises(Refused, match="can't be what it is named as"):
        new_request(things=[Thing(asked, text)], **of_kind(Kind.TEST_DATA))


def test_empty_prefix_is_refused(new_request):
    with pytest.raises(Refused):
        new_request(things=[Thing(AskedKind.PREFIX, "")], **of_kind(Kind.TEST_DATA))


def test_more_sources_than_everybody_could_be_compared_with_are_refused(new_request):
    things = named(AskedKind.PREFIX, [f"qa-{number}" for number in range(MOST_SOURCES + 1)])

    with pytest.raises(Refused, match="up to 100 patterns"):
        new_request(things=things, **of_kind(Kind.TEST_DATA))


def test_domain_is_kept_without_letter_case_and_sign_and_ids_as_they_are():
    assert read_lines(AskedKind.EMAIL_DOMAIN, "@QA.example\nqa.example.").ids == ["qa.example"]
    assert read_lines(AskedKind.PREFIX, "QA-\nqa-").ids == ["QA-", "qa-"]


def test_guides_are_reset_for_whom_a_source_means_and_not_for_everybody(new_request):
    things = [Thing(AskedKind.PREFIX, "qa-"), Thing(AskedKind.GUIDE, "g1")]

    request = new_request(things=things, **of_kind(Kind.GUIDE_RESET))
    with pytest.raises(Refused, match="can't be reset for everybody"):
        new_request(things=things, for_everybody=True, **of_kind(Kind.GUIDE_RESET))

    assert request.scans.exists()


def test_lists_are_to_be_read_in_every_subscription_before_its_scan(new_request, silent_subscription):
    here = [silent_subscription(), silent_subscription(production=True)]
    things = [Thing(kind, GOOD[kind]) for kind in sorted(SOURCES)]

    request = new_request(things=things, subscriptions=here, **of_kind(Kind.TEST_DATA))

    unread = Listing.objects.unread().filter(request=request, scan__isnull=False)
    assert {(each.asked.kind, each.subscription) for each in unread} == {
        (kind, where) for kind in LISTS for where in here
    }
    assert lists_asked(request).count() == 2
    assert [known_visitors(each) for each in here] == [None, None]


def test_sources_of_a_request_are_shown_with_what_was_found_by_them(new_request):
    request = new_request(
        things=[*named(AskedKind.VISITOR, ["a"]), Thing(AskedKind.PREFIX, "qa-")], **of_kind(Kind.TEST_DATA)
    )

    assert [(row.kind, row.value, row.found) for row in source_rows(request)] == [
        ("Beginning of visitor ids", "qa-", 0)
    ]


# -- Whom a pattern means ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "value", "visitor", "fits"),
    [
        (AskedKind.PREFIX, "qa-", Visitor("qa-1"), True),
        (AskedKind.PREFIX, "qa-", Visitor("QA-1"), False),
        (AskedKind.PREFIX, "qa-", Visitor("x-qa-"), False),
        (AskedKind.SUFFIX, "-qa", Visitor("x-qa"), True),
        (AskedKind.SUFFIX, "-qa", Visitor("x-QA"), False),
        (AskedKind.EMAIL_DOMAIN, "qa.example", Visitor("x", email="Ana@QA.example"), True),
        (AskedKind.EMAIL_DOMAIN, "qa.example", Visitor("ana@qa.example"), True),
        (AskedKind.EMAIL_DOMAIN, "qa.example", Visitor("ana@notqa.example"), False),
        (AskedKind.EMAIL_DOMAIN, "qa.example", Visitor("ana@x.qa.example"), False),
        (AskedKind.EMAIL_DOMAIN, "qa.example", Visitor("qa.example"), False),
        (AskedKind.METADATA, "a.b=c=d", Visitor("x", fields={"a.b": "c=d"}), True),
        (AskedKind.METADATA, "a.b=c", Visitor("x", fields={"a.b": "C"}), False),
        (AskedKind.METADATA, "a.b=c", Visitor("x"), False),
    ],
)
def test_pattern_means_exactly_whom_it_says(asked, value, visitor, fits):
    assert Pattern(asked, value).fits(visitor) is fits


def test_pattern_shows_no_value():
    assert "secret" not in repr(Pattern(AskedKind.PREFIX, "secret"))


# -- What the form offers ------------------------------------------------------------------------------------


def test_lists_of_a_subscription_are_read_when_somebody_wants_them_and_are_kept_sealed(silent_subscription):
    where = silent_subscription()

    want_offerings([where])
    [before] = offered_by([where])
    keep_offering(
        due_offerings(where).get(),
        segments=[Segment("s1", "Hedgehogs")],
        reports=[Report("r1", "Nightly", "visitor", "List"), Report("r2", "Path", None, "Path")],
    )
    [after] = offered_by([where])

    assert (before.offers, before.read_at, before.being_read) == ([], None, True)
    assert [(each.id, each.readable, each.about) for each in after.offers] == [
        ("s1", True, ""),
        ("r1", True, "visitors"),
        ("r2", False, "Path"),
    ]
    assert not after.being_read
    assert b"Hedgehogs" not in bytes(Offering.objects.get().sealed_lists)


def test_what_was_read_a_moment_ago_is_not_read_again(silent_subscription):
    where = silent_subscription()
    want_offerings([where])
    keep_offering(due_offerings(where).get(), segments=[], reports=[])

    want_offerings([where])
    assert not due_offerings(where).exists()
    Offering.objects.update(read_at=clock.now() - FRESH - dt.timedelta(seconds=1))
    want_offerings([where])
    assert due_offerings(where).exists()


def test_unusable_answer_is_asked_for_again_later(silent_subscription):
    where = silent_subscription()
    want_offerings([where])

    refuse_offering(due_offerings(where).get())

    assert not due_offerings(where).exists()
    assert Offering.objects.get().wanted_at > clock.now()


def test_subscription_of_which_nothing_is_known_offers_nothing(silent_subscription):
    [offered] = offered_by([silent_subscription()])

    assert (offered.offers, offered.read_at, offered.being_read) == ((), None, False)
