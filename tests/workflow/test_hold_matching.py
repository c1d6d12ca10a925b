"""Which targets a hold keeps back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.core import keyring
from compliance.workflow.hold_matching import held_among, is_held
from compliance.workflow.hold_placing import lift_hold
from compliance.workflow.models import HeldThing, Target
from compliance.workflow.sealing import Subject, targets_vault
from compliance.workflow.states import TargetKind
from tests.request_fixtures import add_target

DETAILS = '{"email": "Jane+news@Mail.Person.Example", "accounts": ["Harbour Ltd", "Acme"]}'


@pytest.fixture
def target(previewed_request):
    """`target(...)`: a visitor of two accounts with an address, found."""

    def make(name="visitor-x", **values):
        request = previewed_request()
        made = add_target(request, name=name, **values)
        if made.kind == TargetKind.VISITOR:
            sealed = targets_vault(request).seal(DETAILS, purpose="target details")
            Target.objects.filter(pk=made.pk).update(sealed_details=sealed)
        return made

    return make


def held(target):
    found = held_among(target.request, target.subscription, [target.pk])
    return target.pk in found


@pytest.mark.parametrize(
    "named",
    [
        {"visitors": ["visitor-x"]},
        {"emails": ["jane+NEWS@mail.person.example"]},
        {"emails": ["jane@mail.person.example"]},
        {"accounts": ["Acme"]},
        {"domains": ["mail.person.example"]},
        {"domains": ["person.example"]},
        {"visitors": ["somebody-else"], "accounts": ["Harbour Ltd"]},
    ],
)
def test_a_visitor_is_held_by_id_address_account_or_domain(target, hold, named):
    one = target()

    hold(**named)

    assert held(one)


@pytest.mark.parametrize(
    "named",
    [
        {"visitors": ["Visitor-x", "Acme", "jane@mail.person.example"]},
        {"emails": ["jane+other@mail.person.example", "mail.person.example@x.example"]},
        {"accounts": ["acme", "visitor-x"]},
        {"domains": ["x.person.example", "n.example"]},
    ],
)
def test_nobody_else_is_held(target, hold, named):
    one = target()

    hold(**named)

    assert not held(one)


def test_an_id_that_is_an_address_is_held_by_it(target, hold):
    hold(domains=["quokka.example"])

    assert held(target("Yolanda@quokka.example"))


def test_an_account_is_held_by_its_id_only(target, hold):
    acme, other = (target(name, kind=TargetKind.ACCOUNT) for name in ("Acme", "b@quokka.example"))

    hold(accounts=["Acme"], domains=["quokka.example"], visitors=["b@quokka.example"])

    assert (held(acme), held(other)) == (True, False)


def test_a_guide_is_held_for_the_visitor_who_is_and_never_for_everybody(target, hold):
    for_one = target("visitor-y", kind=TargetKind.GUIDE, guide="g1")
    for_all = target("", kind=TargetKind.GUIDE, guide="g1")

    hold(visitors=["visitor-y", "g1", ""])

    assert (held(for_one), held(for_all)) == (True, False)


def test_a_hold_over_chosen_subscriptions_reaches_no_other(target, hold):
    one, other = target(), target()

    hold(visitors=["visitor-x"], subscriptions=[one.subscription])

    assert (held(one), held(other)) == (True, False)


def test_a_lifted_hold_holds_nobody(target, hold, legal):
    one, placed = target(), hold(visitors=["visitor-x"])

    lift_hold(hold=placed, reason="Settled.", by=legal)

    assert not held(one)


def test_a_hold_from_before_a_new_digest_key_still_holds(target, hold, settings):
    hold(visitors=["visitor-x"])

    settings.DIGEST_KEYS = f"{settings.DIGEST_KEYS},99:{'A' * 43}="

    assert held(target())
    assert keyring.lookup_digest("visitor", "visitor-x").key_number == 99
    assert HeldThing.objects.get().digest_key != 99


def test_without_any_hold_one_query_is_all_it_takes(target):
    one = target()
    keys = list(one.request.targets.values_list("pk", flat=True))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert held_among(one.request, one.subscription, keys) == {}

    assert len(queries) == 1


def test_details_stay_sealed_where_holds_name_ids_only(target, hold):
    one = target()
    hold(visitors=["visitor-x"])

    with CaptureQueriesContext(connection) as queries:
        assert held(one)

    assert not any("sealed_details" in query["sql"] for query in queries)


def test_what_any_hold_reaches_is_not_to_be_forgotten(previewed_request, hold, legal):
    request = previewed_request()

    assert not is_held(request)
    placed = hold(domains=["person.example"])
    assert is_held(request)
    lift_hold(hold=placed, reason="Settled.", by=legal)
    assert not is_held(request)


def test_nor_is_the_correspondence_of_whoever_is_held(previewed_request, hold):
    request = previewed_request(subject=Subject(email="zoe@quokka.example"))

    hold(emails=["Zoe@quokka.example"])

    assert is_held(request)
