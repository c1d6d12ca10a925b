"""Texts for the person, ready to be copied: what is known stands in them, what isn't in square brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format

from compliance.core import clock
from compliance.laws.law import ClockKind
from compliance.laws.registry import get_law

from .appealing import reasons_of, why_longer
from .law_words import period_of
from .models import AppealResult, RefusalScope
from .refusing import case_of
from .sealing import correspondence_vault, subject_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from compliance.laws.law import Law, Reason

    from .models import Appeal, Extension, Refusal, Request


def extension_notice(extension: Extension) -> str:
    """The notice that the answer takes longer, with what the law wants it to say."""
    request = extension.request
    law = get_law(request.law, request.law_version)
    vault = correspondence_vault(request)
    more = law.extension
    ground = more.ground(extension.ground) if more else None
    answer_by = request.clocks.get(kind=ClockKind.EXTENDED_ANSWER).safe
    return _letter(
        request,
        _about(request, law),
        f"We need more time for our answer. {ground.meaning if ground else ''}: "
        f"{vault.open(extension.sealed_reason, purpose='reason')}",
        f"You will have our answer by {_day(answer_by)} at the latest.",
        _recourse(law),
        _check("notice", more.notice_says if more else ()),
    )


def refusal_notice(refusal: Refusal) -> str:
    """What the person is told who is refused, with what the law wants it to say."""
    request, case = refusal.request, case_of(refusal)
    law = get_law(request.law, request.law_version)
    reason = law.reason(refusal.code)
    meaning = f"{_lower(reason.meaning)} ({_provision(reason, law)})" if reason else refusal.code
    until = f", until {_day(case.kept_until)}" if case.kept_until else ""
    return _letter(
        request,
        _about(request, law),
        f"{_WHAT_IS_REFUSED[RefusalScope(refusal.scope)].format(what=case.what)}: {meaning}.",
        case.facts,
        f"It is kept under {case.statute}{until}, and serves nothing else meanwhile." if case.statute else "",
        "We keep a record of this request, to be able to show how it was answered.",
        _to_us(law),
        _recourse(law),
        _check("letter", law.refusal_says),
    )


def appeal_notice(appeal: Appeal) -> str:
    """The notice that the answer to an appeal takes longer."""
    return _letter(
        appeal.request,
        f"On {_day(appeal.received_on)} we received your appeal about our answer to your request "
        f"{appeal.request.reference}.",
        f"We need more time for our decision: {why_longer(appeal)}",
        f"You will have it by {_day(appeal.safe)} at the latest.",
    )


def appeal_answer(appeal: Appeal) -> str:
    """What the person is told about their appeal or complaint."""
    request, granted = appeal.request, appeal.result == AppealResult.OVERTURNED
    law, what = get_law(request.law, request.law_version), appeal.get_kind_display().lower()
    follows = appeal.followed_by
    return _letter(
        request,
        f"On {_day(appeal.received_on)} we received your {what} about our answer to your request "
        f"{request.reference}. {_WHO_LOOKED[request.refusals.filter(agreed=True).exists()]}",
        "We grant it." if granted else "Our answer stands.",
        reasons_of(appeal),
        f"Your data is now being looked for and erased; our reference is {follows.reference}, and you hear "
        f"from us by {_day(follows.legal_by or follows.send_by)}."
        if follows
        else "",
        "" if granted else _recourse(law),
    )


#: Of a refusal, whoever had a part in it doesn't decide; what was carried out, an approver may look at again.
_WHO_LOOKED = {
    True: "Somebody who had no part in our refusal has looked at it again.",
    False: "We have looked at it again.",
}
_WHAT_IS_REFUSED = {
    RefusalScope.WHOLE: "We don't erase the data that you ask us to erase",
    RefusalScope.TARGETS: (
        "We erase what you ask us to erase, but for part of it: [name it, as plainly as you may]. That stays"
    ),
    RefusalScope.NAMED: "We erase what you ask us to erase, but for this: {what}. That stays",
}


def _to_us(law: Law) -> str:
    """How to appeal, or complain, to the company, where the law gives that right by now."""
    words = {
        ClockKind.APPEAL_ANSWER: (
            "You may appeal to us: [address]. We decide about an appeal within {period}."
        ),
        ClockKind.COMPLAINT_ACKNOWLEDGEMENT: (
            "You may complain to us: [address]. We acknowledge a complaint within {period}."
        ),
    }
    rules = ((law.rule(kind), sentence) for kind, sentence in words.items())
    return " ".join(
        sentence.format(period=period_of(rule))
        for rule, sentence in rules
        if rule and rule.is_law_on(clock.today())
    )


def _about(request: Request, law: Law) -> str:
    return (
        f"On {_day(request.received_on)} we received your request to erase your personal data "
        f"({law.right}). Our reference is {request.reference}."
    )


def _recourse(law: Law) -> str:
    return f"If you don't agree, this is open to you: {'; '.join(law.recourse)}. [Addresses]"


def _provision(reason: Reason, law: Law) -> str:
    """Where the reason stands; what is known by its subject only, counsel finds."""
    known = any(character.isdigit() for character in reason.provision)
    return reason.provision if known else f"{law.name}, {reason.provision}, [section]"


def _check(letter: str, says: Iterable[str]) -> str:
    """What nobody may forget, to be checked off and removed."""
    points = "\n".join(f"- {point}" for point in says)
    return f"[Before you send this: the {letter} must say, each in its own words:\n{points}]"


def _letter(request: Request, *paragraphs: str) -> str:
    name = subject_of(request).name or "[name]"
    return "\n\n".join([f"Dear {name},", *filter(None, paragraphs), "[Signature]"])


def _lower(sentence: str) -> str:
    """The sentence as it goes on after a colon."""
    return sentence[:1].lower() + sentence[1:]


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y")
