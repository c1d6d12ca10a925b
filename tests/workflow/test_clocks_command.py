"""`manage.py clocks`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.laws.test_vectors import VECTORS

MOVED = {"answer": "2027-02-20", "extended_answer": "2027-04-20"}


def run(law, received, *arguments):
    printed = io.StringIO()
    call_command("clocks", f"--law={law}", f"--received={received}", *arguments, stdout=printed)
    return printed.getvalue()


def clocks_in(text):
    return {clock["kind"]: clock for clock in json.loads(text)["clocks"]}


@pytest.mark.parametrize(
    ("law", "calendar", "day", "kind", "plain", "legal", "safe"),
    [pytest.param(*row[1:], id=row[0]) for row in VECTORS],
)
def test_every_published_example_is_printed(law, calendar, day, kind, plain, legal, safe):
    arguments = (f"--calendar={calendar}", "--extended")
    page, told = run(law, day, *arguments), run(law, day, *arguments, "--json")

    clock = clocks_in(told)[kind]
    assert (clock["plain"], clock["legal"], clock["safe"]) == (plain, legal, safe)
    assert clock["article"]
    assert any(legal in line and safe in line and clock["article"] in line for line in page.splitlines())
    assert "counsel must confirm" in page


def test_an_extension_is_told_only_when_asked_for():
    assert "extended_answer" not in clocks_in(run("EU_GDPR", "2026-11-22", "--json"))
    assert "extended_answer" in clocks_in(run("EU_GDPR", "2026-11-22", "--extended", "--json"))


def test_the_text_of_the_day_of_receipt_counts_or_the_one_that_is_named():
    old, new = (json.loads(run("UK_GDPR", day, "--json")) for day in ("2026-02-04", "2026-02-05"))
    named = json.loads(run("UK_GDPR", "2026-02-05", "--law-version=2026-02-04", "--json"))

    assert [told["version"] for told in (old, new, named)] == ["2026-02-04", "2026-11-22", "2026-02-04"]


def test_proof_of_identity_moves_what_the_law_says():
    arguments = ("--identity-asked=2027-01-05", "--identity-proven=2027-01-20", "--extended", "--json")
    british, californian = (clocks_in(run(law, "2027-01-04", *arguments)) for law in ("UK_GDPR", "US_CA"))

    assert {kind: british[kind]["legal"] for kind in MOVED} == MOVED
    assert californian == clocks_in(run("US_CA", "2027-01-04", "--extended", "--json"))


@pytest.mark.parametrize(
    ("law", "calendar", "says"),
    [
        ("EU_GDPR", "DE", "Public holidays: DE"),
        ("EU_GDPR", "", "No date rolls: no calendar was named."),
        ("EU_GDPR", "DE_BY", "No date rolls: DE_BY is none of its calendars (AT, "),
        ("KR_PIPA", "KR", "No date rolls: no calendar counts under this law."),
    ],
)
def test_it_is_said_whose_holidays_count(law, calendar, says):
    assert says in run(law, "2026-03-05", f"--calendar={calendar}")


def test_a_text_that_did_not_apply_yet_is_said_to():
    assert "applies from 2027-05-13 only" in run("IN_DPDP", "2026-11-22")


@pytest.mark.parametrize(
    ("law", "received", "arguments", "why"),
    [
        ("EU_GPDR", "2026-11-22", [], "no law with the code 'EU_GPDR'.*EU_GDPR, UK_GDPR"),
        ("EU_GDPR", "22.11.2026", [], "no day. Write it as 2026-11-22"),
        ("EU_GDPR", "2026-02-30", [], "no day"),
        ("EU_GDPR", "9999-12-31", [], "Check the year"),
        ("EU_GDPR", "2026-11-22", ["--law-version=1"], "no version '1'. Use one of: 2026-11-22"),
        ("EU_GDPR", "2026-11-22", ["--identity-proven=2026-11-25"], "--identity-asked"),
        ("EU_GDPR", "2026-11-22", ["--identity-asked=2026-11-21"], "on or after receipt"),
    ],
)
def test_what_is_wrong_is_said(law, received, arguments, why):
    with pytest.raises(CommandError, match=why):
        run(law, received, *arguments)


@pytest.mark.parametrize(
    ("law", "said"),
    [("KR_PIPA", "gives no more time"), ("CH_FADP", "names no length"), ("EU_GDPR", None)],
)
def test_where_there_is_no_extended_answer_it_is_said(law, said):
    page = run(law, "2026-11-22", "--extended")

    assert said in page if said else "no more time" not in page
