"""Every address against nobody and every role, on rows that exist."""

import contextlib
import functools

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import URLResolver, get_resolver, reverse

from compliance.api import api
from compliance.cleanup.allowances import set_allowance
from compliance.cleanup.choices import Trigger
from compliance.cleanup.models import Rule
from compliance.cleanup.running import start_run
from compliance.cleanup.writing import write_rule
from compliance.core import clock
from compliance.evidence.exports import prepare
from compliance.evidence.models import FileFormat, What
from compliance.execution.models import Cause, Finding
from compliance.execution.planning import make_batch
from compliance.notifications.endpoints import EndpointFacts, add_endpoint, send_test
from compliance.notifications.event_types import EventType
from compliance.notifications.models import Endpoint
from compliance.people.absence import mark_absent
from compliance.people.access import EVERYWHERE, MAY
from compliance.people.membership import propose_role
from compliance.people.models import Person
from compliance.people.roles import LIMITABLE_ROLES, Role
from compliance.people.scopes import Scope
from compliance.people.tokens import make_token
from compliance.subscriptions.limits import give_role
from compliance.subscriptions.models import Key, KeyProposal
from compliance.workflow.attention import raise_attention
from compliance.workflow.customers import CustomerFacts, keep_customer
from compliance.workflow.hold_placing import place_hold
from compliance.workflow.hold_things import Named
from compliance.workflow.incidents import report_wrong_deletion
from compliance.workflow.models import (
    Attention,
    Customer,
    Flood,
    PolicyLine,
    ProgramOpening,
    Recipient,
    Request,
)
from compliance.workflow.policy import GENERAL_PLACES, Numbers
from compliance.workflow.policy_changes import change_policy
from compliance.workflow.reach import ROLES_FOR_TESTS
from compliance.workflow.recipients import RecipientFacts, keep_recipient
from compliance.workflow.sealing import correspondence_vault
from compliance.workflow.states import HeldKind, Kind, State
from tests.cleanup_fixtures import said
from tests.hold_fixtures import hold_terms

#: Before somebody is logged in: the log-in itself, a forgotten password, the heartbeat; metrics by a token.
PUBLIC = {
    "healthz",
    "metrics",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "api_docs",
    "openapi-json",
    "api-root",
    "api_nothing",
}
#: One's own account: everybody who is logged in, whatever their roles.
OWN_ACCOUNT = {
    "account_change_password",
    "account_reauthenticate",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
}
#: They take no session, only a token: tests/test_api_access.py.
BY_TOKEN = {
    call["operationId"] for calls in api.get_openapi_schema()["paths"].values() for call in calls.values()
}
POST_ONLY = {
    "absence_end",
    "appeal_acknowledge",
    "attention_settle",
    "cleanup_allowance_end",
    "cleanup_allowance_set",
    "cleanup_rule_pause",
    "cleanup_rule_resume",
    "cleanup_rule_retire",
    "cleanup_rule_run",
    "cleanup_rule_withdraw",
    "draft_discard",
    "flood_cancel",
    "flood_confirm",
    "draft_save",
    "person_absence",
    "incident_assess",
    "incident_close",
    "incident_decide",
    "incident_notified",
    "incident_readmit",
    "key_aside",
    "key_proposal_confirm",
    "key_proposal_decline",
    "export_file",
    "law_disable",
    "law_enable",
    "hold_resume",
    "hold_review",
    "holds_search",
    "request_held_again",
    "request_held_close",
    "person_deactivate",
    "person_reactivate",
    "policy_agree",
    "policy_decline",
    "request_confirm_nothing",
    "request_forwarded",
    "request_here",
    "request_history",
    "request_instructed",
    "request_pause",
    "request_preview",
    "request_refusal_take_back",
    "request_resume",
    "request_role",
    "role_decline",
    "role_end",
    "role_give",
    "role_grant",
    "search",
    "subscription_pause",
    "subscription_resume",
    "token_allow",
    "token_revoke",
    "upload_columns",
    "upload_discard",
    "upload_record",
    "watch_look",
    "webhook_again",
    "webhook_delivery_again",
    "webhook_pause",
    "webhook_resume",
    "webhook_rotate",
    "webhook_test",
}
#: Pages without a form of their own.
OPENED_ONLY = {
    "appeals",
    "attentions",
    "cleanup_allowances",
    "cleanup_rule",
    "cleanup_rules",
    "cleanup_run",
    "customers",
    "endangered",
    "export",
    "export_progress",
    "finding",
    "floods",
    "hold",
    "holds",
    "home",
    "incident",
    "incidents",
    "law",
    "laws",
    "people",
    "person",
    "policy",
    "request",
    "request_approvers",
    "request_batch",
    "request_batches",
    "request_clocks",
    "request_entries",
    "request_progress",
    "recipients",
    "request_targets",
    "request_texts",
    "requests",
    "subscription",
    "subscriptions",
    "tasks",
    "tokens",
    "tokens_all",
    "upload",
    "upload_bad_lines",
    "upload_progress",
    "watch",
    "watch_findings",
    "watch_passes",
    "webhook",
    "webhook_delivery",
    "webhooks",
}
#: Approving, ending a wait, key entry, role change and export ask again who one is.
FRESH = {
    "appeal_decide",
    "appeal_extend",
    "attention_end_waiting",
    "cleanup_allowance_end",
    "cleanup_allowance_set",
    "cleanup_rule_approve",
    "incident_assess",
    "incident_decide",
    "person_absence",
    "key_proposal_confirm",
    "key_proposal_decline",
    "export_file",
    "law_disable",
    "law_enable",
    "finding_explain",
    "finding_let_in",
    "hold_lift",
    "hold_new",
    "hold_resume",
    "hold_suspend",
    "person_add",
    "person_deactivate",
    "person_reactivate",
    "policy_agree",
    "policy_change",
    "policy_decline",
    "request_decide",
    "request_extend",
    "request_history",
    "request_refusal",
    "role_decline",
    "role_end",
    "role_give",
    "role_grant",
    "stop_let_go_on",
    "subscription_key",
    "token_allow",
    "token_make",
    "subscription_propose_key",
    "subscription_reading_key",
    "webhook_add",
    "webhook_change",
    "webhook_remove",
    "webhook_rotate",
}
#: What makes a request one about tests.
FOR_TESTS = {"kind": Kind.TEST_DATA, "law": "", "channel": None, "identity": None}
REAUTHENTICATE = "/account/reauthenticate/"


def patterns(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


VIEWS = {pattern.name: pattern.callback for pattern in patterns()}
ARGUMENTS = {pattern.name: set(pattern.pattern.converters) for pattern in patterns()}
OURS = sorted(name for name, view in VIEWS.items() if hasattr(view, "act"))
#: So many addresses in one test: whoever opens them logs in once.
MOST_IN_A_TEST = 24


def every_address(names=OURS):
    """Parametrizes a test by groups of addresses. What fails says which of them it was."""
    groups = [names[start : start + MOST_IN_A_TEST] for start in range(0, len(names), MOST_IN_A_TEST)]
    return pytest.mark.parametrize("names", groups, ids=lambda names: f"{names[0]}…{names[-1]}")


@pytest.fixture
def browser_of(client_of, make_person):
    """`browser_of(*roles)`: the browser of somebody who holds these; the same one for the same roles."""
    return functools.cache(lambda *roles: client_of(make_person(*roles)))


@pytest.fixture
def address(previewed_request, make_person, read_upload):
    """`address(name)`: meanwhile the row of this address stands; then all is as if nothing had been done.

    To open a request or to read an upload takes longer than what is looked at here, so all addresses of a
    test begin with the same ones, as they were. Who logs in meanwhile is forgotten, too: a browser comes
    before its address.
    """
    opened = functools.cache(lambda wish: previewed_request(**dict(wish)).pk)
    read = functools.cache(lambda wish: read_upload("a\nb\tc\n", **dict(wish)).pk)

    @contextlib.contextmanager
    def standing(name, **wish):
        def request_of(**more):
            return previewed_request(**wish, **more) if more else Request.objects.get(pk=pk)

        pk = (read if name.startswith("upload") else opened)(tuple(wish.items()))
        # Not a block of its own: what the product does about its transactions stays what it is.
        point = transaction.savepoint()
        try:
            yield reverse(name, kwargs=arguments_of(name, pk, request_of, make_person))
        finally:
            transaction.savepoint_rollback(point)

    return standing


def arguments_of(name, pk, request_of, make_person):
    """What stands in the address: the reference or number of a row that is made for it, or of the upload."""
    arguments = {}
    if "reference" in ARGUMENTS[name]:
        request = request_of()
        arguments = {"reference": request.reference}
        if "subscription_id" in ARGUMENTS[name]:
            arguments["subscription_id"] = request.subscriptions.get().pk
        if "number" in ARGUMENTS[name]:
            arguments["number"] = make_batch(
                request, subscription_id=request.subscriptions.get().pk, target_ids=[]
            ).number
    elif "name" in ARGUMENTS[name]:
        arguments = {"name": a_rule(request_of, make_person).name}
    elif "code" in ARGUMENTS[name]:
        arguments = {"code": "EU_GDPR"}
    elif "appeal_id" in ARGUMENTS[name]:
        arguments = {"appeal_id": an_appeal(request_of()).pk}
    elif "attention_id" in ARGUMENTS[name]:
        arguments = {"attention_id": attention(request_of()).pk}
    elif "pk" in ARGUMENTS[name]:
        arguments = {"pk": pk if name.startswith("upload") else row_for(name, request_of, make_person).pk}
    return arguments


def attention(request):
    subscription, reason = request.subscriptions.get(), Attention.Reason.RECEIPT_OVERDUE
    raise_attention(request=request, subscription=subscription, reason=reason)
    return Attention.objects.get(request=request)


def an_appeal(request):
    today, sealed = clock.today(), correspondence_vault(request).seal("No!", purpose="appeal")
    return request.appeals.create(
        kind="complaint",
        received_on=today,
        channel="email",
        sealed_text=sealed,
        legal=today,
        safe=today,
        entered_by=request.entered_by,
    )


def row_for(name, previewed_request, make_person):
    make = next((make for prefix, make in ROWS.items() if name.startswith(prefix)), a_person)
    return make(previewed_request, make_person)


def a_rule(previewed_request, make_person):
    name, by = f"rule-{Rule.objects.count()}", make_person(Role.QA)
    return write_rule(name=name, subscription=a_subscription(previewed_request, None), said=said(), by=by)


def a_run(previewed_request, make_person):
    return start_run(rule=a_rule(previewed_request, make_person), trigger=Trigger.COMMAND).run


def an_allowance(previewed_request, make_person):
    subscription = a_subscription(lambda: previewed_request(production=True), None)
    by = make_person(Role.OFFICER)
    return set_allowance(subscription=subscription, pattern="qa-*", most=9, by=by)


def a_hold(_, make_person):
    legal = make_person(Role.LEGAL)
    return place_hold(terms=hold_terms(legal), things=[Named(HeldKind.VISITOR, "a")], by=legal)


def an_export(previewed_request, make_person):
    chosen = {"what": What.CHOSEN, "requests": [previewed_request()]}
    return prepare(**chosen, file_format=FileFormat.CSV, by=make_person(Role.LEGAL))


def a_subscription(previewed_request, _):
    return previewed_request().subscriptions.get()


def a_proposed_key(previewed_request, make_person):
    subscription = previewed_request().subscriptions.get()
    return KeyProposal.objects.create(
        subscription=subscription, sealed=b"sealed", fingerprint="0123abcd", proposed_by=make_person()
    )


def a_key(previewed_request, _):
    subscription = previewed_request().subscriptions.get()
    return Key.objects.create(subscription=subscription, sealed=b"sealed", fingerprint="0123abcd")


def a_recipient(_, make_person):
    return keep_recipient(
        recipient=None,
        facts=RecipientFacts(
            name=f"Mailer {Recipient.objects.count()}",
            holds="addresses",
            told_by="by mail",
            owner=make_person(Role.ANALYST),
            days=7,
            kinds=[Kind.ERASURE],
            laws=[],
        ),
        by=make_person(Role.OFFICER),
    )


def a_customer(_, make_person):
    facts = CustomerFacts(name=f"Customer {Customer.objects.count()}", days=10)
    return keep_customer(customer=None, facts=facts, by=make_person(Role.OFFICER))


def a_task(previewed_request, make_person):
    recipient, request = a_recipient(previewed_request, make_person), previewed_request()
    return request.recipient_tasks.create(recipient=recipient, owner=recipient.owner, due_on=clock.today())


def an_incident(previewed_request, make_person):
    request = previewed_request()
    Request.objects.filter(pk=request.pk).update(state=State.EXECUTING)
    values = {"happened": "Two people of one name", "aware_at": clock.now()}
    return report_wrong_deletion(request=request, by=make_person(Role.OFFICER), **values)


def an_absence(_, make_person):
    person, today = make_person(), clock.today()
    return mark_absent(person=person, deputy=make_person(), from_on=today, until_on=today, by=person)


def a_policy_line(_, make_person):
    # No other change may be proposed while one waits.
    if line := PolicyLine.objects.proposed().first():
        return line
    numbers, by = Numbers(grace_minutes=0), make_person(Role.ADMINISTRATOR)
    return change_policy(place=GENERAL_PLACES[0], kind="", numbers=numbers, by=by)


def a_proposed_role(_, make_person):
    return propose_role(person=make_person(), role=Role.OFFICER, by=make_person(Role.ADMINISTRATOR))


def a_person(_, make_person):
    return make_person()


def a_token(_, make_person):
    person = make_person()
    return make_token(person=person, name="Nightly", scopes=[Scope.READ], by=person).token


def a_flood(previewed_request, make_person):
    request = previewed_request()
    Request.objects.filter(pk=request.pk).update(state=State.UNCONFIRMED)
    token = a_token(previewed_request, make_person)
    flood = Flood.objects.create(person=token.person)
    ProgramOpening.objects.create(request=request, token=token, flood=flood)
    return flood


def a_finding(previewed_request, _):
    subscription = previewed_request().subscriptions.get()
    return Finding.objects.create(subscription=subscription, cause=Cause.RETURNED)


def an_endpoint(_, make_person):
    administrator = make_person(Role.ADMINISTRATOR)
    facts = EndpointFacts(list(EventType), administrator)
    url = f"https://8.8.8.{Endpoint.objects.count()}/hook"
    return add_endpoint(url=url, facts=facts, by=administrator).endpoint


def a_delivery(previewed_request, make_person):
    endpoint = an_endpoint(previewed_request, make_person)
    return send_test(endpoint=endpoint, by=endpoint.owner)


#: By how an address's name begins; the first that fits.
ROWS = {
    "cleanup_allowance": an_allowance,
    "cleanup_run": a_run,
    "hold": a_hold,
    "export": an_export,
    "subscription": a_subscription,
    "key_proposal": a_proposed_key,
    "key_": a_key,
    "absence_end": an_absence,
    "policy": a_policy_line,
    "role_grant": a_proposed_role,
    "role_decline": a_proposed_role,
    "token": a_token,
    "watch": a_subscription,
    "finding": a_finding,
    "flood": a_flood,
    "recipient": a_recipient,
    "task": a_task,
    "customer": a_customer,
    "incident": an_incident,
    "webhook_delivery": a_delivery,
    "webhook": an_endpoint,
}


# -- The lists -----------------------------------------------------------------------------------------------


def test_every_address_names_its_act_or_is_listed_here():
    assert set(VIEWS) - set(OURS) - BY_TOKEN == PUBLIC | OWN_ACCOUNT


def test_no_two_addresses_share_a_name():
    names = [pattern.name for pattern in patterns()]

    assert len(names) == len(set(names))
    assert None not in names


# -- Nobody --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
def test_nobody_has_no_account_of_their_own(client, name):
    for answer in (client.get(reverse(name)), client.post(reverse(name))):
        assert answer.status_code in {302, 405}
        assert answer.status_code == 405 or answer.url.startswith("/account/login/")


# -- Each role -----------------------------------------------------------------------------------------------


@every_address()
def test_who_may_not_gets_nowhere(client, client_of, make_person, browser_of, address, names):
    deactivated = deactivated_since(client_of, make_person(*Role))
    for name in names:
        without = [(), *((role,) for role in set(Role) - MAY[VIEWS[name].act])]
        browsers = {roles: browser_of(*roles) for roles in without}
        with address(name) as url:
            assert_asked_to_log_in(client, url, name)
            assert_asked_to_log_in(deactivated, url, name)
            for roles, browser in browsers.items():
                assert browser.get(url).status_code == (405 if name in POST_ONLY else 403), (name, roles)
                assert browser.post(url).status_code in {403, 405}, (name, roles)


def deactivated_since(client_of, person):
    """The browser of somebody who was deactivated while logged in."""
    browser = client_of(person)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    return browser


def assert_asked_to_log_in(browser, url, name):
    opened, sent = browser.get(url), browser.post(url)
    assert opened.status_code == (405 if name in POST_ONLY else 302), name
    assert sent.status_code in {302, 405}, name
    for answer in (opened, sent):
        assert answer.status_code == 405 or answer.url.startswith("/account/login/"), name


@every_address()
def test_who_may_is_let_past(browser_of, address, names):
    for name in names:
        for role in MAY[VIEWS[name].act]:
            # A fresh row for each: what one has sent may have changed it.
            reached, browser = FOR_TESTS if role in ROLES_FOR_TESTS else {}, browser_of(role)
            with address(name, **reached) as url:
                opened, sent = browser.get(url), browser.post(url)

            assert opened.status_code in ({405} if name in POST_ONLY else {200, 302}), (name, role)
            assert sent.status_code in {200, 302, 400, 405, 422}, (name, role)
            for answer in (opened, sent):
                assert not answer.headers.get("Location", "").startswith("/account/login/"), (name, role)


# -- How far ------------------------------------------------------------------------------------------------


def names_a_request(name):
    """Whether the address is about one request, or about what belongs to one."""
    of_a_request = {"reference", "attention_id", "appeal_id"}
    return bool(ARGUMENTS[name] & of_a_request) or (
        "pk" in ARGUMENTS[name] and name.startswith(("flood", "incident", "task", "upload"))
    )


def names_a_subscription(name):
    """Whether the address is about one subscription, or about what belongs to one."""
    return "pk" in ARGUMENTS[name] and name.startswith(("subscription", "key", "watch", "finding"))


@pytest.fixture
def limited(make_person, silent_subscription, client_of):
    """`limited(role)`: the browser of whoever holds it for a subscription in which nothing here lies."""

    @functools.cache
    def browser(role):
        person = make_person()
        give_role(person=person, role=role, within=[silent_subscription()], by=None)
        return client_of(person)

    return browser


@every_address([name for name in OURS if names_a_request(name)])
def test_who_is_there_for_tests_does_not_find_an_erasure(browser_of, address, names):
    for name in names:
        for role in MAY[VIEWS[name].act] & ROLES_FOR_TESTS:
            browser = browser_of(role)
            with address(name) as url:
                assert_not_found(browser, url, name)


@every_address([name for name in OURS if names_a_request(name) or names_a_subscription(name)])
def test_a_role_for_another_subscription_finds_nothing_of_this_one(limited, address, names):
    for name in names:
        for role in MAY[VIEWS[name].act] & LIMITABLE_ROLES:
            reached, browser = FOR_TESTS if role in ROLES_FOR_TESTS else {}, limited(role)
            with address(name, **reached) as url:
                assert_not_found(browser, url, name)


@every_address([name for name in OURS if VIEWS[name].act in EVERYWHERE])
def test_what_is_for_everything_wants_a_role_for_all_subscriptions(limited, address, names):
    for name in names:
        for role in MAY[VIEWS[name].act] & LIMITABLE_ROLES:
            browser = limited(role)
            with address(name) as url:
                assert browser.get(url).status_code == (405 if name in POST_ONLY else 403), name
                assert browser.post(url).status_code == (405 if name in OPENED_ONLY else 403), name


def assert_not_found(browser, url, name):
    assert browser.get(url).status_code == (405 if name in POST_ONLY else 404), name
    assert browser.post(url).status_code == (405 if name in OPENED_ONLY else 404), name


# -- How -----------------------------------------------------------------------------------------------------


@every_address()
def test_opening_changes_nothing_and_what_is_opened_only_takes_no_form(browser_of, address, names):
    browser = browser_of(*Role)
    for name in names:
        with address(name) as url:
            before = list(Request.objects.values())

            opened = browser.get(url)

            assert (opened.status_code == 405) == (name in POST_ONLY), name
            assert list(Request.objects.values()) == before, name
            assert (browser.post(url).status_code == 405) == (name in OPENED_ONLY), name


@every_address()
def test_what_weighs_much_asks_again_who_one_is_and_keeps_nothing_of_the_form(
    stale_client_of, make_person, address, names
):
    browser = stale_client_of(make_person(*Role))
    for name in names:
        method = browser.post if name in FRESH else browser.get
        with address(name) as url:
            answer = method(url, {"key": "a-secret", "reason": "a-secret", "reject-reason": "a-secret"})

            asked_again = answer.status_code == 302 and answer.url.startswith(REAUTHENTICATE)
            assert asked_again == (name in FRESH), name
            if asked_again:
                assert "a-secret" not in answer.url, name
                assert "a-secret" not in str([each.get_decoded() for each in Session.objects.all()]), name
