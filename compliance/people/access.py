"""Who may do what: one table, and the decorator by which every view names its line of it."""

from __future__ import annotations

import enum
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_cache_control

from .models import Person
from .roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from .models import Grant

Arguments = ParamSpec("Arguments")
Response = TypeVar("Response", bound=HttpResponseBase)


class Act(enum.Enum):
    """Everything that somebody may or may not do."""

    BE_HERE = "see the home page and one's own account"
    READ_REQUESTS = "read requests, previews, outcomes, timelines"
    ENTER_REQUESTS = "enter and change requests, confirm that nothing was found"
    APPROVE = "approve and reject previews"
    CANCEL = "cancel a request, or what is not sent of it yet"
    REFUSE = "propose to refuse a right, with reasons, and take that back"
    AGREE_TO_REFUSAL = "agree, as a second person, to refuse a right"
    DECIDE_APPEALS = "decide about appeals and complaints"
    EXTEND = "take the more time for an answer that a law gives"
    PAUSE_REQUESTS = "stop the sending of a request"
    RESUME_REQUESTS = "let the sending of a request go on"
    SETTLE_ATTENTION = "settle what needs a person"
    HOLD = "place, review and lift holds, and see what they are about"
    GIVE_UP = "end the waiting for visitors that Pendo doesn't delete"
    READ_WATCH = "see what was erased and is there again"
    LOOK_AGAIN = "have everybody looked through now for what was erased and is there again"
    SETTLE_FINDINGS = "explain what was erased and is there again, or mark it as returned lawfully"
    EXPORT_HISTORY = "export the history of a request"
    EXPORT_LEDGER = "export the histories of many requests, and the ledger of a period"
    READ_SUBSCRIPTIONS = "see subscriptions and the age of their keys"
    ADD_SUBSCRIPTIONS = "add subscriptions"
    CHANGE_SUBSCRIPTIONS = "say in which field a subscription keeps e-mail addresses"
    ENTER_KEYS = "enter Pendo keys, and say who looks after them"
    CONFIRM_KEYS = "confirm, as a second person, a key of another Pendo subscription"
    PAUSE = "pause a subscription"
    RESUME = "resume a subscription"
    STOP = "stop all sending, to every subscription"
    LET_GO_ON = "let all sending go on"
    MANAGE_PEOPLE = "add people, grant and end roles"
    HOLD_TOKENS = "make and revoke one's own API tokens"
    MANAGE_TOKENS = "allow other people's API tokens, and revoke them"
    READ_POLICY = "see what an approval takes"
    CHANGE_POLICY = "change what an approval takes"
    AGREE_TO_POLICY = "agree to a weaker approval policy"
    DECLINE_POLICY = "decline a proposed approval policy, or take it back"
    READ_LAWS = "see the laws, their clocks and sources"
    CHANGE_LAWS = "enable and disable laws"
    READ_RECIPIENTS = "see which other systems are told of an erasure"
    CHANGE_RECIPIENTS = "say which other systems are told of an erasure"
    READ_CUSTOMERS = "see on behalf of which customers data is processed"
    CHANGE_CUSTOMERS = "say on behalf of which customers data is processed"
    REPORT_INCIDENTS = "report that the wrong person or account was deleted"
    READ_INCIDENTS = "read incidents"
    DECIDE_INCIDENTS = "assess incidents, decide whom to notify, close them"
    TELL_RECIPIENTS = "tell other systems of an erasure, and keep the evidence"
    READ_RULES = "see clean-up rules and their runs"
    WRITE_RULES = "write, change and pause clean-up rules"
    RUN_RULES = "run clean-up rules"
    APPROVE_ERASING_RULES = "give a clean-up rule that erases a standing approval"
    APPROVE_RESETTING_RULES = "give a clean-up rule that resets guides a standing approval"
    WITHDRAW_STANDING = "withdraw the standing approval of a clean-up rule"
    READ_TEST_PATTERNS = "see which ids count as test data in production"
    SET_TEST_PATTERNS = "say which ids count as test data in production"
    MANAGE_WEBHOOKS = "say to which addresses events are sent, and see what was"


_EVERYBODY = frozenset(Role)
_ANALYST, _OFFICER, _LEGAL = Role.ANALYST, Role.OFFICER, Role.LEGAL
_CUSTODIAN, _ADMINISTRATOR = Role.KEY_CUSTODIAN, Role.ADMINISTRATOR
_QA, _QA_LEAD = Role.QA, Role.QA_LEAD

#: What a role lets somebody do with requests, it lets them do as far as it reaches: `workflow.reach`.
MAY: dict[Act, frozenset[Role]] = {
    Act.BE_HERE: _EVERYBODY,
    Act.READ_REQUESTS: frozenset({_ANALYST, _OFFICER, _LEGAL, _QA, _QA_LEAD}),
    Act.ENTER_REQUESTS: frozenset({_ANALYST, _OFFICER, _QA, _QA_LEAD}),
    Act.APPROVE: frozenset({_OFFICER}),
    Act.CANCEL: frozenset({_ANALYST, _OFFICER, _QA, _QA_LEAD}),
    Act.REFUSE: frozenset({_ANALYST, _OFFICER}),
    Act.AGREE_TO_REFUSAL: frozenset({_OFFICER}),
    Act.DECIDE_APPEALS: frozenset({_OFFICER}),
    Act.EXTEND: frozenset({_OFFICER}),
    Act.PAUSE_REQUESTS: frozenset({_ANALYST, _OFFICER}),
    Act.RESUME_REQUESTS: frozenset({_OFFICER}),
    Act.SETTLE_ATTENTION: frozenset({_ANALYST, _OFFICER}),
    Act.HOLD: frozenset({_LEGAL}),
    Act.GIVE_UP: frozenset({_OFFICER}),
    Act.READ_WATCH: frozenset({_ANALYST, _OFFICER, _LEGAL}),
    Act.LOOK_AGAIN: frozenset({_ANALYST, _OFFICER}),
    Act.SETTLE_FINDINGS: frozenset({_OFFICER}),
    Act.EXPORT_HISTORY: frozenset({_OFFICER, _LEGAL}),
    Act.EXPORT_LEDGER: frozenset({_OFFICER, _LEGAL}),
    Act.READ_SUBSCRIPTIONS: frozenset({_ANALYST, _OFFICER, _LEGAL, _CUSTODIAN, _ADMINISTRATOR}),
    Act.ADD_SUBSCRIPTIONS: frozenset({_ADMINISTRATOR}),
    Act.CHANGE_SUBSCRIPTIONS: frozenset({_ADMINISTRATOR}),
    Act.ENTER_KEYS: frozenset({_CUSTODIAN}),
    Act.CONFIRM_KEYS: frozenset({_OFFICER, _CUSTODIAN}),
    Act.PAUSE: frozenset({_ANALYST, _OFFICER, _CUSTODIAN, _ADMINISTRATOR}),
    Act.RESUME: frozenset({_OFFICER}),
    Act.STOP: frozenset({_ANALYST, _OFFICER, _CUSTODIAN, _ADMINISTRATOR}),
    Act.LET_GO_ON: frozenset({_OFFICER}),
    Act.MANAGE_PEOPLE: frozenset({_ADMINISTRATOR}),
    Act.HOLD_TOKENS: _EVERYBODY,
    Act.MANAGE_TOKENS: frozenset({_ADMINISTRATOR}),
    Act.READ_POLICY: frozenset({_ANALYST, _OFFICER, _LEGAL, _ADMINISTRATOR}),
    Act.CHANGE_POLICY: frozenset({_ADMINISTRATOR}),
    Act.AGREE_TO_POLICY: frozenset({_OFFICER}),
    Act.DECLINE_POLICY: frozenset({_OFFICER, _ADMINISTRATOR}),
    Act.READ_LAWS: frozenset({_ANALYST, _OFFICER, _LEGAL, _ADMINISTRATOR}),
    Act.CHANGE_LAWS: frozenset({_ADMINISTRATOR}),
    Act.READ_RECIPIENTS: frozenset({_ANALYST, _OFFICER, _LEGAL, _ADMINISTRATOR}),
    Act.CHANGE_RECIPIENTS: frozenset({_OFFICER, _ADMINISTRATOR}),
    Act.READ_CUSTOMERS: frozenset({_ANALYST, _OFFICER, _LEGAL, _ADMINISTRATOR}),
    Act.CHANGE_CUSTOMERS: frozenset({_OFFICER, _ADMINISTRATOR}),
    Act.REPORT_INCIDENTS: frozenset({_ANALYST, _OFFICER}),
    Act.READ_INCIDENTS: frozenset({_ANALYST, _OFFICER, _LEGAL}),
    Act.DECIDE_INCIDENTS: frozenset({_OFFICER}),
    Act.TELL_RECIPIENTS: frozenset({_ANALYST, _OFFICER}),
    Act.READ_RULES: frozenset({_QA, _QA_LEAD, _OFFICER, _LEGAL}),
    Act.WRITE_RULES: frozenset({_QA, _QA_LEAD}),
    Act.RUN_RULES: frozenset({_QA, _QA_LEAD}),
    Act.APPROVE_ERASING_RULES: frozenset({_OFFICER}),
    Act.APPROVE_RESETTING_RULES: frozenset({_QA_LEAD, _OFFICER}),
    Act.WITHDRAW_STANDING: frozenset({_QA, _QA_LEAD, _OFFICER}),
    Act.READ_TEST_PATTERNS: frozenset({_QA, _QA_LEAD, _OFFICER, _LEGAL}),
    Act.SET_TEST_PATTERNS: frozenset({_OFFICER}),
    Act.MANAGE_WEBHOOKS: frozenset({_ADMINISTRATOR}),
}
#: What a person looks at and answers for: no program does it, whatever its roles.
NEVER_BY_A_SERVICE = frozenset(
    {
        Act.APPROVE,
        Act.AGREE_TO_REFUSAL,
        Act.DECIDE_APPEALS,
        Act.EXTEND,
        Act.GIVE_UP,
        Act.SETTLE_FINDINGS,
        Act.DECIDE_INCIDENTS,
        Act.LET_GO_ON,
        Act.APPROVE_ERASING_RULES,
        Act.APPROVE_RESETTING_RULES,
        Act.SET_TEST_PATTERNS,
    }
)
#: It concerns every subscription there is: whose role is limited to some of them doesn't do it.
EVERYWHERE = frozenset(
    {
        Act.EXPORT_LEDGER,
        Act.LET_GO_ON,
        Act.AGREE_TO_POLICY,
        Act.DECLINE_POLICY,
        Act.CHANGE_RECIPIENTS,
        Act.CHANGE_CUSTOMERS,
    }
)


def can(person: Person, act: Act) -> bool:
    """Whether the person may do this now, be it only as far as their roles reach."""
    return bool(grants_for(person, act))


def grants_for(person: Person, act: Act) -> list[Grant]:
    """The grants that let the person do this now."""
    if not person.is_active or (person.is_service and act in NEVER_BY_A_SERVICE):
        return []
    return [
        grant
        for grant in person.standing_grants
        if grant.role in MAY[act] and not (grant.limited and act in EVERYWHERE)
    ]


def signed_in(request: HttpRequest) -> Person:
    """The person behind a request that `may` has let through."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def act_of(request: HttpRequest) -> Act:
    """What the page is for that `may` has let this request through to."""
    act: Act = request.act  # type: ignore[attr-defined] # set by `may` alone
    return act


def may(
    act: Act, *, fresh: bool = False
) -> Callable[[Callable[Concatenate[HttpRequest, Arguments], Response]], Callable[..., HttpResponseBase]]:
    """Only people who may do `act` get past; with `fresh`, only if they proved again lately who they are.

    Who is not logged in is sent to the log-in, who lacks the role gets 403.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Arguments], Response],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(_page_of(request))
            if not can(signed_in(request), act):
                raise PermissionDenied
            if fresh and not did_recently_reauthenticate(request):
                return _to_reauthentication(request)
            request.act = act  # type: ignore[attr-defined] # read by `act_of`
            response = view(request, *args, **kwargs)
            # What stands on a page is personal: "Back" after logging out must not show it.
            patch_cache_control(response, private=True, no_store=True)
            return response

        guarded.act = act  # type: ignore[attr-defined] # read by the test of every URL against every role
        return guarded

    return decorate


def _to_reauthentication(request: HttpRequest) -> HttpResponse:
    # allauth would keep what was posted in the session, to replay it: keys and reasons don't belong there.
    query = urlencode({"next": _page_of(request)})
    url = f"{reverse('account_reauthenticate')}?{query}"
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _page_of(request: HttpRequest) -> str:
    """The page to come back to: this one, or for a form that was sent, the page it stood on."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    own = request.build_absolute_uri("/")
    return "/" + referer.removeprefix(own) if referer.startswith(own) else "/"
