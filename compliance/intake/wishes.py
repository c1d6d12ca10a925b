"""What a call of the API asks, as the wish that every channel ends in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from compliance.core import clock
from compliance.core.problems import INVALID, CallRefused, FieldProblem
from compliance.laws.calendars import CALENDARS
from compliance.subscriptions.models import Subscription
from compliance.workflow.enabled_laws import selectable_laws
from compliance.workflow.ids import as_asked, problem_of, words_of
from compliance.workflow.kinds import traits_of
from compliance.workflow.opening import Wish
from compliance.workflow.sealing import Subject
from compliance.workflow.states import AskedKind, Channel, CompanyRole, Identity, Kind
from compliance.workflow.things import Terms, Thing

from .follow_ups import followed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.people.models import Person
    from compliance.workflow.models import Request

    from .follow_ups import Followed
    from .schemas import RequestIn, ReviseIn, SetIn, TargetIn

MOST_ERRORS = 100


def wish_of(body: RequestIn) -> Wish:
    """The wish. Raises `CallRefused` that names each wrong field, without what stands in it."""
    subscriptions, unknown = _subscriptions(body) or _unnamed(body.kind)
    _refuse_wrong([*_errors_of_fields(body), *_errors_of_targets(body.targets), *unknown])
    has_law = traits_of(body.kind).has_law
    return Wish(
        kind=body.kind,
        law=body.law or "",
        calendar=body.calendar or "",
        received_on=body.received_at or clock.today(),
        channel=body.channel or (Channel.API if has_law else None),
        identity=body.identity or (Identity.VOUCHED if has_law else None),
        subject=Subject(**body.subject.model_dump()) if body.subject else Subject(),
        note=body.note or "",
        things=[_thing(target) for target in body.targets],
        subscriptions=subscriptions,
        policy_reference=body.policy_reference or "",
        seen_before=body.seen_before,
        with_visitors=body.with_visitors,
        for_everybody=body.for_everybody,
        external_reference=body.reference or "",
        company_role=body.role or CompanyRole.CONTROLLER,
        access_asked=body.access_asked,
    )


def follows_of(body: RequestIn, *, by: Person) -> Followed | None:
    """The finding whose records the request is about. Raises `CallRefused` for one out of reach."""
    if body.finding is None:
        return None
    follows = followed(str(body.finding), (), by=by)
    if follows is None:
        wrong = FieldProblem(pointer="/finding", detail="No finding of this number is open.")
        raise CallRefused(INVALID, "Mend this field.", [wrong])
    return follows


def revision_of(request: Request, body: ReviseIn) -> dict[str, Any]:
    """What the request asks from now on, as `revise_request` takes it. Raises `CallRefused` as `wish_of`."""
    subscriptions, unknown = _subscriptions(body) or (list(request.subscriptions.all()), [])
    _refuse_wrong([*_errors_of_targets(body.targets), *unknown])
    said = body.with_visitors
    return {
        "things": [_thing(target) for target in body.targets],
        "subscriptions": subscriptions,
        "terms": Terms(
            with_visitors=request.with_visitors if said is None else said,
            seen_before=body.seen_before or request.seen_before,
            for_everybody=body.for_everybody,
        ),
    }


def _refuse_wrong(errors: list[FieldProblem]) -> None:
    if errors:
        more = f" These are the first {MOST_ERRORS} of {len(errors)}." if len(errors) > MOST_ERRORS else ""
        raise CallRefused(INVALID, f"Mend these fields.{more}", errors[:MOST_ERRORS])


def _thing(target: TargetIn) -> Thing:
    # There is only one such thing in a subscription, so it needs no name.
    return Thing(target.kind, "" if target.kind is AskedKind.STAGED else as_asked(target.kind, target.name))


def _errors_of_fields(body: RequestIn) -> Iterator[FieldProblem]:
    if body.law and body.law not in {law.code for law in selectable_laws()}:
        known = ", ".join(law.code for law in selectable_laws())
        yield FieldProblem(pointer="/law", detail=f"This law can't be chosen. Laws: {known}.")
    if body.calendar and body.calendar not in CALENDARS:
        yield FieldProblem(pointer="/calendar", detail="There is no such calendar.")
    if body.subject and not _is_empty_or_email(body.subject.email):
        yield FieldProblem(pointer="/subject/email", detail="This is not an e-mail address.")
    for name in ("channel", "identity", "role", "access_asked"):
        if getattr(body, name) and not traits_of(body.kind).has_law:
            yield FieldProblem(pointer=f"/{name}", detail="Only an erasure under a law has one.")


def _is_empty_or_email(text: str) -> bool:
    try:
        validate_email(text or "nobody@example.com")
    except ValidationError:
        return False
    return True


def _errors_of_targets(targets: list[TargetIn]) -> Iterator[FieldProblem]:
    for place, target in enumerate(targets):
        if bool(target.id) == bool(target.value):
            yield FieldProblem(pointer=f"/targets/{place}", detail="Give either id or value.")
            continue
        problem = _problem_of(target)
        if problem:
            name = "id" if target.id else "value"
            yield FieldProblem(pointer=f"/targets/{place}/{name}", detail=f"This {problem}.")


def _problem_of(target: TargetIn) -> str:
    if target.kind is AskedKind.STAGED:
        return ""
    if target.name != target.name.strip():
        return "has white space around it"
    problem = problem_of(target.kind, target.name)
    return words_of(problem, target.kind) if problem else ""


def _subscriptions(body: SetIn) -> tuple[list[Subscription], list[FieldProblem]] | None:
    """The subscriptions that the call names, and what is wrong with how it does; None where it names none."""
    if body.subscription and body.subscriptions:
        both = "Give either subscription or subscriptions."
        return [], [FieldProblem(pointer="/subscriptions", detail=both)]
    if body.subscription:
        named = {"/subscription": body.subscription}
    else:
        named = {f"/subscriptions/{place}": name for place, name in enumerate(body.subscriptions or [])}
    return _named(named) if named else None


def _named(named: dict[str, str]) -> tuple[list[Subscription], list[FieldProblem]]:
    by_name = {name: each for each in Subscription.objects.all() for name in (each.reference, each.name)}
    unknown = "There is no subscription of this name or reference."
    errors = [
        FieldProblem(pointer=pointer, detail=unknown)
        for pointer, name in named.items()
        if name not in by_name
    ]
    return list(dict.fromkeys(by_name[name] for name in named.values() if name in by_name)), errors


def _unnamed(kind: Kind) -> tuple[list[Subscription], list[FieldProblem]]:
    if not traits_of(kind).has_law:
        detail = "Name the subscriptions: only an erasure reaches every production one by itself."
        return [], [FieldProblem(pointer="/subscriptions", detail=detail)]
    found = list(Subscription.objects.filter(production=True))
    if not found:
        detail = "There is no production subscription: name those that are meant."
        return [], [FieldProblem(pointer="/subscriptions", detail=detail)]
    return found, []
