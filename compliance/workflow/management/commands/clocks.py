"""`manage.py clocks`: the dates that a law gives for a day of receipt, with the articles. No database."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance.laws.clocks import IdentityDates, clock_for, clocks_for, send_by
from compliance.laws.law import COUNSEL_MUST_CONFIRM, ClockKind, Start
from compliance.laws.registry import LawUnknown, get_law, law_on
from compliance.workflow.law_words import IDENTITY, STARTS, clock_name

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from compliance.laws.law import Clock, Law

_EXTENDED = {ClockKind.EXTENDED_ANSWER, ClockKind.EXTENDED_APPEAL_ANSWER}


#: Holidays are known for these.
FIRST_YEAR, LAST_YEAR = 2000, 2099


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day. Write it as 2026-11-22.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(
            f"{text} lies outside of {FIRST_YEAR} to {LAST_YEAR}. Check the year."
        )
    return day


class Command(BaseCommand):
    """Counts, and writes nothing down."""

    help = "Print the dates that a law gives for a request received on a day, with the articles."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The law, the day, and what bears on the dates."""
        parser.add_argument("--law", required=True, help="code of a law, such as EU_GDPR")
        parser.add_argument(
            "--law-version", default="", help="a text of it; else the one of the day of receipt"
        )
        parser.add_argument("--received", required=True, type=_day, metavar="DATE", help="as 2026-11-22")
        parser.add_argument(
            "--calendar", default="", help="whose public holidays count, such as DE-BY or SCT"
        )
        parser.add_argument("--extended", action="store_true", help="also the dates after an extension")
        parser.add_argument("--identity-asked", type=_day, metavar="DATE", help="when proof was asked for")
        parser.add_argument("--identity-proven", type=_day, metavar="DATE", help="when the proof came")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *, law: str, received: dt.date, **options: Any) -> None:
        """Print the dates, or say what is wrong with the question."""
        text = _text(law, options["law_version"], received)
        identity = _identity(received, options["identity_asked"], options["identity_proven"])
        clocks = [
            clock
            for clock in _clocks(text, received, options["calendar"], identity)
            if options["extended"] or clock.kind not in _EXTENDED
        ]
        told = _told(text, received, options["calendar"], clocks)
        self.stdout.write(json.dumps(told, indent=2) if options["json"] else _page(text, told))


def _text(code: str, version: str, received: dt.date) -> Law:
    try:
        return get_law(code, version) if version else law_on(code, received)
    except LawUnknown as unknown:
        raise CommandError(str(unknown)) from unknown


def _identity(received: dt.date, asked: dt.date | None, proven: dt.date | None) -> IdentityDates | None:
    if proven and not asked:
        raise CommandError(
            "Say with --identity-asked when the proof was asked for: only prompt asking counts."
        )
    if asked is None:
        return None
    if asked < received or (proven and proven < asked):
        raise CommandError("Proof is asked for on or after receipt, and comes on or after that.")
    return IdentityDates(asked_on=asked, proven_on=proven)


def _clocks(law: Law, received: dt.date, calendar: str, identity: IdentityDates | None) -> list[Clock]:
    """Those of the receipt, and those that a complaint or an appeal on the same day would start."""
    others = [
        clock_for(law, kind, started_on=received, calendar=calendar)
        for kind in ClockKind
        if kind.start is not Start.RECEIPT
    ]
    own = clocks_for(law, received_on=received, calendar=calendar, identity=identity)
    return [*own, *(clock for clock in others if clock)]


def _told(law: Law, received: dt.date, calendar: str, clocks: list[Clock]) -> dict[str, Any]:
    return {
        "law": law.code,
        "version": law.version,
        "applies_from": law.effective_from.isoformat(),
        "received": received.isoformat(),
        "calendar": calendar or None,
        "calendar_counts": calendar in law.calendars,
        "clocks": [
            {
                "kind": clock.kind.value,
                "start": clock.kind.start.value,
                "started_on": clock.started_on.isoformat(),
                "plain": clock.plain.isoformat(),
                "legal": clock.legal.isoformat(),
                "safe": clock.safe.isoformat(),
                "send_by": send_by(clock, vendor_days=settings.PENDO_COMPLETION_DAYS).isoformat(),
                "article": clock.article,
            }
            for clock in clocks
        ],
        "keep_record_months": law.keep_record_months,
        "identity": law.identity.value,
        "note": COUNSEL_MUST_CONFIRM,
    }


def _page(law: Law, told: dict[str, Any]) -> str:
    lines = [f"{law.name}, version {law.version}; received {told['received']}"]
    lines += [_calendar_line(law, told), "", *_table(told["clocks"]), ""]
    lines += [IDENTITY[law.identity], *_no_extended_answer(law)]
    if law.keep_record_months:
        lines += [f"The record is kept {law.keep_record_months} months from the answer."]
    if told["received"] < told["applies_from"]:
        lines += [f"This text applies from {told['applies_from']} only."]
    return "\n".join([*lines, COUNSEL_MUST_CONFIRM])


def _no_extended_answer(law: Law) -> list[str]:
    """Why there is no date for an extended answer, where there is none."""
    if law.extension is None:
        return ["It gives no more time for the answer."]
    if law.rule(ClockKind.EXTENDED_ANSWER) is None:
        return ["It names no length for an extension: the notice names the new date."]
    return []


def _calendar_line(law: Law, told: dict[str, Any]) -> str:
    if told["calendar_counts"]:
        return f"Public holidays: {told['calendar']}"
    if not law.calendars:
        why = "no calendar counts under this law"
    elif told["calendar"]:
        why = f"{told['calendar']} is none of its calendars ({', '.join(law.calendars)})"
    else:
        why = "no calendar was named"
    return f"No date rolls: {why}."


def _table(clocks: list[dict[str, Any]]) -> list[str]:
    heading = ("what", "from", "legal", "safe", "act by", "article")
    rows = [
        (
            clock_name(clock["kind"]),
            _start_words(clock),
            clock["legal"],
            clock["safe"],
            clock["send_by"],
            clock["article"],
        )
        for clock in clocks
    ]
    widths = [max(len(row[column]) for row in [heading, *rows]) for column in range(len(heading))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [heading, *rows]
    ]


def _start_words(clock: dict[str, Any]) -> str:
    start = Start(clock["start"])
    if start is Start.RECEIPT:
        return str(clock["started_on"])
    return f"{STARTS[start]}, if on {clock['started_on']}"
