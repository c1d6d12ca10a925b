"""Lifting Do Not Process of what a run has erased: a request of its own, by the approval of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.core import clock
from compliance.workflow.approvals import Standing, approve_by_rule
from compliance.workflow.errors import NotThisPerson, SetHasChanged
from compliance.workflow.guards import WHOLE, GuardTerms, decide_by_rule, guard_of
from compliance.workflow.models import Approval, Request
from compliance.workflow.opening import Wish, open_run
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import AskedKind, Kind, Outcome, State, TargetKind
from compliance.workflow.things import Thing

from .choices import Ended, RuleAction
from .models import StandingApproval

if TYPE_CHECKING:
    from .models import Run

NOTE = (
    "The rule {rule} lifts Do Not Process of the test visitors that {request} has erased: their ids are used "
    "again."
)


def lift(run: Run) -> bool:
    """Whether the run still waits for Do Not Process to be lifted of what it erased; it is seen to here.

    Call it with the run locked, once its request has ended.
    """
    if run.version.action != RuleAction.ERASE_AND_LIFT or run.dry_run:
        return False
    if run.lifting is None:
        names = _erased(run)
        if not names:
            return False
        run.lifting = _open(run, names)
        run.save(update_fields=["lifting"])
        return True
    lifting = run.lifting
    lifting.refresh_from_db()
    if lifting.state == State.PREVIEWED:
        _approve(run, lifting)
    return not lifting.ended


def _erased(run: Run) -> list[str]:
    vault = targets_vault(run.request)
    targets = run.request.targets.filter(outcome=Outcome.ERASED, kind=TargetKind.VISITOR)
    return [target_id(vault, target) for target in targets.order_by("pk")]


def _open(run: Run, names: list[str]) -> Request:
    wish = Wish(
        received_on=clock.today(),
        things=[Thing(AskedKind.VISITOR, name) for name in names],
        subscriptions=[run.rule.subscription],
        kind=Kind.READMISSION,
        external_reference=f"cleanup:{run.rule.name}",
        note=NOTE.format(rule=run.rule.name, request=run.request.reference),
    )
    terms = GuardTerms(
        rule=run.rule.name,
        version=run.version.number,
        pattern=run.version.pattern,
        most=len(names),
        share=WHOLE,
        by_rule=_standing(run) is not None,
    )
    by = run.request.entered_by
    return open_run(wish=wish, terms=terms, by=by, authors=[run.version.author])


def _approve(run: Run, lifting: Request) -> None:
    standing = _standing(run)
    if standing is None:
        decide_by_rule(lifting, yes=False)
        return
    try:
        approve_by_rule(request=lifting, standing=standing)
    except SetHasChanged:
        return
    except NotThisPerson:
        decide_by_rule(lifting, yes=False)


def _standing(run: Run) -> Standing | None:
    """The standing approval by which the run was approved: it was of both, unless it was taken back since."""
    words = Approval.objects.filter(preview__request=run.request, void_at=None).exclude(by_rule="")
    word = words.select_related("person").last()
    if word is None or guard_of(run.request) is None:
        return None
    taken_back = StandingApproval.objects.filter(
        version=run.version, person=word.person, ended_because__in=[Ended.WITHDRAWN, Ended.ROLE]
    )
    if taken_back.exists():
        return None
    return Standing(name=word.by_rule, approver=word.person, given_at=word.given_at)
