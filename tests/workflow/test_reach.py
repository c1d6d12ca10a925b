"""Who reaches which request, by what role, for what."""

import ast
from pathlib import Path

import pytest

import compliance
from compliance.core import clock
from compliance.people.access import MAY, Act
from compliance.people.membership import add_person
from compliance.people.roles import Role
from compliance.subscriptions.limits import give_role
from compliance.subscriptions.models import GrantReach
from compliance.workflow.approvals import cancel
from compliance.workflow.approvers import shortage_of
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import Request
from compliance.workflow.opening import open_request, revise_request
from compliance.workflow.previews import look_again
from compliance.workflow.queries import waiting_for
from compliance.workflow.reach import (
    ROLES_FOR_TESTS,
    kinds_entered_by,
    reaches,
    reaches_all,
    visible_to,
    within_reach,
)
from compliance.workflow.states import AskedKind, Kind, State
from compliance.workflow.things import named
from tests.request_fixtures import give_approval

#: What makes a wish one about tests.
FOR_TESTS = {"kind": Kind.TEST_DATA, "law": "", "channel": None, "identity": None}
EVERY_TESTER = pytest.mark.parametrize("role", sorted(ROLES_FOR_TESTS))


@pytest.fixture
def service(db):
    return add_person(
        name="Bot", email="bot@programs.example", roles=[Role.ANALYST], by=None, is_service=True
    )


# -- For tests ---------------------------------------------------------------------------------------------


@EVERY_TESTER
def test_who_is_there_for_tests_sees_requests_about_tests_alone(make_person, new_request, role):
    erasure, test = new_request(), new_request(**FOR_TESTS)
    person = make_person(role)

    assert list(visible_to(person)) == [test]
    assert reaches(person, Act.CANCEL, test)
    assert not reaches(person, Act.CANCEL, erasure)


@EVERY_TESTER
def test_they_enter_change_have_previewed_and_cancel_them(make_person, make_wish, previewed_request, role):
    person = make_person(role)
    request = open_request(wish=make_wish(**FOR_TESTS), by=person)
    cancel(request=request, by=person, reason="No longer wanted.")
    request.refresh_from_db()
    other = previewed_request(**FOR_TESTS)
    look_again(request=other, by=person)

    assert kinds_entered_by(person) == [Kind.TEST_DATA, Kind.GUIDE_RESET]
    assert request.state == State.CANCELLED


@EVERY_TESTER
@pytest.mark.parametrize("kind", [Kind.ERASURE, Kind.OFFBOARDING, Kind.READMISSION])
def test_they_enter_no_other_kind(make_person, make_wish, role, kind):
    with pytest.raises(NotThisPerson, match="about tests"):
        open_request(wish=make_wish(kind=kind), by=make_person(role))


@EVERY_TESTER
def test_they_change_and_cancel_no_other(make_person, previewed_request, role):
    request, person = previewed_request(), make_person(role)

    with pytest.raises(NotThisPerson):
        revise_request(
            request=request,
            things=named(AskedKind.VISITOR, ["a"]),
            subscriptions=list(request.subscriptions.all()),
            by=person,
        )
    with pytest.raises(NotThisPerson):
        look_again(request=request, by=person)
    with pytest.raises(NotThisPerson):
        cancel(request=request, by=person, reason="Why not?")


def test_another_role_besides_reaches_as_far_as_it_does_alone(make_person, new_request):
    erasure, test = new_request(), new_request(**FOR_TESTS)
    person = make_person(Role.QA, Role.LEGAL)

    assert set(visible_to(person)) == {erasure, test}
    assert not reaches(person, Act.CANCEL, erasure)
    assert reaches(person, Act.CANCEL, test)


# -- Programs ----------------------------------------------------------------------------------------------


def test_a_service_sees_only_what_it_entered(service, new_request):
    new_request()
    own = new_request(by=service)

    assert list(visible_to(service)) == [own]
    assert reaches(service, Act.CANCEL, own)


def test_a_service_reaches_nothing_of_another_one(service, new_request, previewed_request):
    other = add_person(
        name="Other", email="other@programs.example", roles=[Role.ANALYST], by=None, is_service=True
    )
    request = previewed_request(by=other)

    assert not visible_to(service).exists()
    assert not reaches_all(service, Act.READ_REQUESTS)
    with pytest.raises(NotThisPerson):
        look_again(request=request, by=service)


# -- Some subscriptions --------------------------------------------------------------------------------------


@pytest.fixture
def two(silent_subscription):
    return silent_subscription(), silent_subscription()


@pytest.fixture
def holding(make_person):
    """`holding({role: subscriptions, ...})`: somebody whose roles are limited to these; empty: to none."""

    def make(roles):
        person = make_person()
        for role, within in roles.items():
            give_role(person=person, role=role, within=within, by=None)
        return person

    return make


def test_a_limited_role_reaches_what_lies_wholly_in_its_subscriptions(new_request, two, holding):
    here, there = two
    inside, _, _ = (new_request(subscriptions=some) for some in ([here], [there], [here, there]))
    person = holding({Role.ANALYST: [here]})

    assert list(visible_to(person)) == [inside]
    assert [reaches(person, Act.CANCEL, each) for each in Request.objects.order_by("pk")] == [
        True,
        False,
        False,
    ]


def test_a_role_for_several_reaches_what_lies_in_any_or_all_of_them(new_request, two, holding):
    requests = {new_request(subscriptions=some) for some in ([two[0]], [two[1]], [*two])}

    assert set(visible_to(holding({Role.OFFICER: [*two]}))) == requests


def test_each_role_reaches_what_it_reaches_and_nothing_by_the_other(new_request, make_wish, two, holding):
    here, there = two
    tests = {each: new_request(subscriptions=[each], **FOR_TESTS) for each in two}
    erasures = {each: new_request(subscriptions=[each]) for each in two}
    both = new_request(subscriptions=[*two], **FOR_TESTS)
    person = holding({Role.QA: [here], Role.ANALYST: [there]})

    assert set(visible_to(person)) == {tests[here], tests[there], erasures[there]}
    assert not reaches(person, Act.READ_REQUESTS, both)
    assert not reaches(person, Act.PAUSE_REQUESTS, tests[here])
    assert reaches(person, Act.PAUSE_REQUESTS, tests[there])
    assert open_request(wish=make_wish(subscriptions=[there]), by=person)
    for wish in (
        make_wish(subscriptions=[here]),
        make_wish(subscriptions=[here, there]),
        make_wish(subscriptions=[here, there], **FOR_TESTS),
    ):
        with pytest.raises(NotThisPerson, match="all of these subscriptions"):
            open_request(wish=wish, by=person)


def test_a_change_does_not_take_a_request_beyond_the_role(previewed_request, two, holding):
    request, person = previewed_request(subscriptions=[two[0]]), holding({Role.ANALYST: [two[0]]})

    with pytest.raises(NotThisPerson):
        revise_request(
            request=request, things=named(AskedKind.VISITOR, ["a"]), subscriptions=[*two], by=person
        )


def test_an_approval_counts_only_where_its_giver_reaches_all_of_it(previewed_request, two, holding):
    here, _ = two
    request, both = previewed_request(subscriptions=[here]), previewed_request(subscriptions=[*two])
    person = holding({Role.OFFICER: [here]})

    give_approval(request, person)
    with pytest.raises(NotThisPerson):
        give_approval(both, person)
    assert list(waiting_for(person)) == []
    assert "nobody could approve" in shortage_of(both)


def test_a_limited_role_without_a_subscription_reaches_nothing(new_request, two, holding):
    request, person = new_request(subscriptions=[two[0]]), holding({Role.ANALYST: [two[0]]})
    GrantReach.objects.all().delete()

    assert not visible_to(person).exists()
    assert not reaches(person, Act.READ_REQUESTS, request)


def test_what_a_limited_role_reads_elsewhere_is_not_told(client_of, previewed_request, two, holding):
    here, there = two
    inside = previewed_request(subscriptions=[here], visitors=["same"])
    outside = previewed_request(subscriptions=[there], visitors=["same"])
    browser = client_of(holding({Role.ANALYST: [here]}))

    pages = [
        browser.get("/"),
        browser.get("/requests/"),
        browser.get("/endangered/"),
        browser.get("/attention/"),
        browser.get(f"/requests/{inside.reference}/"),
        browser.get("/subscriptions/"),
        browser.get("/watch/"),
        browser.get("/incidents/"),
        browser.get("/tasks/"),
        browser.get("/requests/new/"),
    ]
    found = browser.post("/search/", {"text": "same"}).content.decode()

    assert [page.status_code for page in pages] == [200] * len(pages)
    assert not any(outside.reference in page.content.decode() for page in pages)
    assert inside.reference in found
    assert outside.reference not in found
    assert not any(f"/subscriptions/{there.pk}/" in page.content.decode() for page in pages)
    assert list(pages[-1].context["form"].fields["subscriptions"].queryset) == [here]


@pytest.mark.parametrize("count", [1, 4])
def test_lists_take_as_many_queries_for_one_as_for_many(
    client_of, new_request, two, holding, django_assert_max_num_queries, count
):
    for _ in range(count):
        new_request(subscriptions=[two[0]])
    browser = client_of(holding({Role.ANALYST: [two[0]], Role.QA: [two[1]]}))

    with django_assert_max_num_queries(45):
        assert browser.get("/requests/").content.decode().count("ED-") >= count


# -- Everybody else ----------------------------------------------------------------------------------------


def test_other_roles_see_everything_and_their_lists_are_asked_for_as_they_are(make_person, new_request):
    request = new_request()
    for role in MAY[Act.READ_REQUESTS] - ROLES_FOR_TESTS:
        person = make_person(role)

        assert list(visible_to(person)) == [request]
        assert reaches_all(person, Act.READ_REQUESTS)
        assert str(visible_to(person).query) == str(type(request).objects.all().query)


def test_who_may_not_read_sees_nothing(make_person, new_request):
    new_request()

    assert not visible_to(make_person(Role.KEY_CUSTODIAN)).exists()


def test_what_belongs_to_a_request_is_reached_with_it(make_person, previewed_request):
    erasure, test = previewed_request(), previewed_request(**FOR_TESTS)
    rows = type(erasure.previews.get()).objects.all()

    assert list(within_reach(rows, make_person(Role.QA))) == [test.previews.get()]
    assert set(within_reach(rows, make_person(Role.ANALYST))) == {erasure.previews.get(), test.previews.get()}


# -- Screens -----------------------------------------------------------------------------------------------


def test_no_list_and_no_search_shows_qa_an_erasure(client_of, make_person, previewed_request):
    erasure, test = previewed_request(visitors=["same"]), previewed_request(visitors=["same"], **FOR_TESTS)
    type(erasure).objects.update(send_by=clock.today())
    browser = client_of(make_person(Role.QA))

    pages = [
        browser.get("/"),
        browser.get("/requests/"),
        browser.post("/search/", {"text": "same"}),
        browser.post("/search/", {"text": erasure.reference}),
        browser.get(f"/requests/{test.reference}/"),
    ]

    assert [page.status_code for page in pages] == [200] * 5
    assert [erasure.reference in page.content.decode() for page in pages] == [False] * 3 + [True, False]
    assert [page.content.decode().count(f"/requests/{erasure.reference}") for page in pages] == [0] * 5
    assert [test.reference in page.content.decode() for page in pages[:3]] == [True] * 3


def test_the_form_offers_qa_the_kinds_for_tests(client_of, make_person, silent_subscription):
    silent_subscription()
    browser = client_of(make_person(Role.QA))

    page = browser.get("/requests/new/")
    sent = browser.post("/requests/new/", {"kind": "erasure", "show": "erasure"})

    assert [kind for kind, _ in page.context["kinds"]] == [Kind.TEST_DATA, Kind.GUIDE_RESET]
    assert page.context["form"].kind is Kind.TEST_DATA
    assert sent.status_code == 400


# -- Doors -------------------------------------------------------------------------------------------------


def doors():
    root = Path(compliance.__file__).parent
    return [
        path for path in root.glob("*/*.py") if path.stem.endswith("_views") or path.stem in {"api", "views"}
    ]


@pytest.mark.parametrize("path", doors(), ids=lambda path: "/".join(path.parts[-2:]))
def test_no_door_fetches_a_request_by_itself(path):
    """A view or a call asks `reach` for its request: whoever writes another one can't forget to."""
    fetched = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"get", "filter", "all", "exclude", "select_related"}
        and ast.unparse(node.value) == "Request.objects"
    ]

    assert fetched == []
