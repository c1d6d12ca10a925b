import pytest

from compliance.core.errors import Refused
from compliance.execution.giving_up import give_up
from compliance.execution.models import BatchState
from compliance.people.roles import Role
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import Attention
from compliance.workflow.queries import outcome_counts
from compliance.workflow.states import Outcome, State
from tests.request_fixtures import events_of


@pytest.fixture
def stuck(desk, later):
    """A request of three visitors of whom Pendo leaves one behind, whatever it is asked."""
    desk.set(leave_behind=1)
    request = desk.executing(desk.ids(3))
    desk.run()
    desk.complete()
    later(hours=2)
    desk.run()
    desk.set(leave_behind=1)
    desk.finish(later)
    desk.finish(later)
    request.refresh_from_db()
    return request


def test_request_whose_visitor_stays_in_pendo_waits_for_a_person(stuck):
    assert stuck.state == State.CONFIRMING
    assert outcome_counts(stuck) == {Outcome.PRESENT: 1, Outcome.ERASED: 2}
    assert stuck.attentions.get().reason == Attention.Reason.STILL_PRESENT


def test_ended_waiting_counts_as_failed_never_as_erased_and_closes_the_request(stuck, officer):
    give_up(attention=stuck.attentions.get(), by=officer)

    stuck.refresh_from_db()
    assert stuck.state == State.CLOSED
    assert outcome_counts(stuck) == {Outcome.ERASED: 2, Outcome.FAILED: 1}
    assert {batch.state for batch in stuck.batches.all()} == {BatchState.CONFIRMED}
    assert stuck.attentions.filter(settled_at=None).count() == 0
    assert "request:waiting:ended" in events_of(stuck)


def test_nothing_is_looked_for_after_the_waiting_was_ended(stuck, officer, desk, later):
    give_up(attention=stuck.attentions.get(), by=officer)
    before = len(desk.world.books.since(0))

    later(days=30)
    desk.run()

    assert len(desk.world.books.since(0)) == before


def test_only_an_officer_ends_the_waiting(stuck, make_person):
    with pytest.raises(NotThisPerson):
        give_up(attention=stuck.attentions.get(), by=make_person(Role.ANALYST))

    assert outcome_counts(stuck)[Outcome.PRESENT] == 1


def test_waiting_is_not_ended_twice(stuck, officer):
    attention = stuck.attentions.get()
    give_up(attention=attention, by=officer)

    with pytest.raises(Refused, match="settled this already"):
        give_up(attention=attention, by=officer)


def test_a_refused_batch_leaves_no_waiting_to_end(desk, officer):
    visitor = desk.ids(1)
    desk.poison(visitor[0])
    request = desk.executing(visitor)
    desk.run()
    attention = request.attentions.get(reason=Attention.Reason.BATCH_REFUSED)

    with pytest.raises(Refused, match="no waiting to end"):
        give_up(attention=attention, by=officer)


def test_page_says_what_ending_means_and_ends_it(stuck, officer, client_of):
    browser = client_of(officer)
    address = f"/requests/attention/{stuck.attentions.get().pk}/end-waiting/"

    page = browser.get(address)
    answer = browser.post(address)

    assert "1 target in" in page.content.decode()
    assert answer.url == f"/requests/{stuck.reference}/"
    stuck.refresh_from_db()
    assert stuck.state == State.CLOSED
