"""Pages of what is long: search results, targets, batches, entries, what needs a person."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core.keyset import A_PAGE
from compliance.dashboard import queries
from compliance.dashboard.batches import batches_now
from compliance.dashboard.queries import target_rows, timeline
from compliance.execution.models import Batch, BatchReceipt, BatchState, Call, Receipt
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Attention, Target
from compliance.workflow.sealing import Subject
from compliance.workflow.states import Outcome


def shown(answer):
    return answer.content.decode()


@pytest.fixture
def browser(client_of, officer):
    return client_of(officer)


@pytest.fixture
def address():
    """`address("request_targets", request)`."""
    return lambda name, request: reverse(name, args=[request.reference])


def queries_of(ask):
    with CaptureQueriesContext(connection) as caught:
        assert ask().status_code == 200
    return len(caught)


def add_batches(request, count, state=BatchState.READY, calls=2):
    """Batches with calls and a receipt each."""
    subscription = request.subscriptions.get()
    begin = request.batches.count()
    for number in range(begin + 1, begin + count + 1):
        batch = Batch.objects.create(request=request, subscription=subscription, number=number, state=state)
        for _ in range(calls):
            Call.objects.create(batch=batch, endpoint="bulk", count=number, digest="", lease_token="")
        receipt = Receipt.objects.create(subscription=subscription, vendor_id=f"{request.pk}-{number}")
        BatchReceipt.objects.create(batch=batch, receipt=receipt)


def add_entries(request, count):
    for _ in range(count):
        ledger.record(Event.CONFIRMATION_STARTED, chain=request.chain, actor=ledger.SYSTEM)


# -- Targets -------------------------------------------------------------------------------------------------


@pytest.fixture
def many(previewed_request):
    """A request with more targets than are sorted on its page."""
    return previewed_request(
        visitors=[f"visitor-{number:03}" for number in range(1, 61)], absent=["visitor-060"]
    )


@pytest.fixture
def few_sorted(monkeypatch):
    monkeypatch.setattr(queries, "MOST_SORTED", 55)


def test_of_many_targets_the_page_of_the_request_opens_the_first_ones(browser, many, address, few_sorted):
    page = shown(browser.get(address("request", many)))

    assert [row.id for row in target_rows(many)] == [
        f"visitor-{number:03}" for number in range(1, A_PAGE + 1)
    ]
    assert f"The first {A_PAGE} of 60" in page
    assert address("request_targets", many) in page
    assert "visitor-051" not in page


def test_all_targets_are_paged_through(browser, many, address):
    first = browser.get(address("request_targets", many))
    second = browser.get(address("request_targets", many), {"at": first.context["page"].further})

    assert "60 targets" in shown(first)
    assert "visitor-050" in shown(first)
    assert "visitor-051" not in shown(first)
    assert "visitor-051" in shown(second)
    assert second.context["page"].further == ""


def test_targets_are_filtered(browser, many, silent_subscription, address):
    other = silent_subscription()
    Target.objects.filter(pk=many.targets.first().pk).update(subscription=other, kind="account")

    def found(**values):
        return [row.id for row in browser.get(address("request_targets", many), values).context["targets"]]

    assert found(outcome=Outcome.NOT_FOUND) == ["visitor-060"]
    assert found(subscription=other.pk) == ["account visitor-001"]
    assert found(kind="account") == ["account visitor-001"]
    assert found(kind="account", outcome=Outcome.NOT_FOUND) == []


def test_counts_lead_to_the_targets_they_count(browser, many, address):
    page = shown(browser.get(address("request", many)))

    assert f'href="{address("request_targets", many)}?outcome=not_found"' in page


def test_a_large_request_asks_again_less_often(browser, new_request, address, monkeypatch):
    request = new_request()
    monkeypatch.setattr(queries, "LARGE", 2)

    assert 'hx-trigger="every 10s"' in shown(browser.get(address("request", request)))


# -- Batches -------------------------------------------------------------------------------------------------


def test_the_page_of_a_request_shows_batches_that_wait_and_the_last_ones(previewed_request):
    request = previewed_request()
    add_batches(request, 30, BatchState.CONFIRMED, calls=0)
    add_batches(request, 30, BatchState.READY, calls=0)
    add_batches(request, 30, BatchState.CONFIRMED, calls=0)

    assert [batch.number for batch in batches_now(request)] == [*range(31, 51), *range(71, 91)]


def test_batches_are_counted_by_state_and_lead_to_their_list(browser, previewed_request, address):
    request = previewed_request()
    add_batches(request, 2, BatchState.CONFIRMED)
    add_batches(request, 1, BatchState.ACCEPTED)

    page = shown(browser.get(address("request", request)))
    listed = browser.get(address("request_batches", request), {"state": "accepted"})

    assert f'2 <a class="tag" href="{address("request_batches", request)}?state=confirmed">' in page
    assert [batch.number for batch, _ in listed.context["batches"]] == [3]


def test_the_last_calls_of_a_batch_stand_in_their_order(browser, previewed_request, address):
    request = previewed_request()
    add_batches(request, 1, calls=0)
    batch = request.batches.get()
    for count in range(1, 9):
        Call.objects.create(batch=batch, endpoint="bulk", count=count * 111, digest="", lease_token="")

    page = shown(browser.get(address("request", request)))

    places = [page.find(f"{count * 111} targets") for count in range(1, 9)]
    assert places[:3] == [-1, -1, -1]
    assert places[3:] == sorted(places[3:])
    assert "111 targets" in shown(browser.get(address("request_batches", request)))


# -- History -------------------------------------------------------------------------------------------------


def test_a_short_history_is_whole(previewed_request):
    request = previewed_request()
    add_entries(request, 40)

    history = timeline(request)

    assert history.between == 0
    assert [moment.number for moment in history.whole] == list(range(1, len(history.whole) + 1))


def test_of_a_long_history_both_ends_are_shown_and_how_much_is_between(browser, previewed_request, address):
    request = previewed_request()
    add_entries(request, 100)
    page = shown(browser.get(address("request", request)))

    history = timeline(request)

    numbers = [moment.number for moment in history.whole]
    assert numbers[:5] == [1, 2, 3, 4, 5]
    assert numbers[5:] == list(range(numbers[-1] - 49, numbers[-1] + 1))
    assert history.between == numbers[-1] - 55
    assert f"{history.between} entries in between" in page
    assert address("request_entries", request) in page


@pytest.mark.parametrize("missing", [0, 1])
def test_nothing_is_said_to_be_between_where_both_ends_meet(previewed_request, missing):
    request = previewed_request()
    add_entries(request, 55 + missing - len(timeline(request).whole))

    assert timeline(request).between == missing


def test_all_entries_are_paged_through(browser, previewed_request, address):
    request = previewed_request()
    add_entries(request, 60)
    first = browser.get(address("request_entries", request))
    second = browser.get(address("request_entries", request), {"at": first.context["page"].further})

    numbers = [moment.number for answer in (first, second) for moment in answer.context["moments"]]
    assert numbers == list(range(1, numbers[-1] + 1))
    assert numbers[-1] > 60


# -- Needs a person ------------------------------------------------------------------------------------------


def test_what_needs_a_person_is_listed_and_filtered_by_reason(browser, previewed_request):
    requests = {reason: previewed_request() for reason in Attention.Reason}
    for reason, request in requests.items():
        raise_attention(request=request, subscription=request.subscriptions.get(), reason=reason)

    everything = browser.get("/attention/")
    some = browser.get("/attention/", {"reason": "not_paid"})

    assert [each.reason for each in everything.context["page"].rows] == list(Attention.Reason)
    assert [each.request for each in some.context["page"].rows] == [requests["not_paid"]]


def test_a_home_page_that_does_not_list_everything_says_where_the_rest_is(
    browser, previewed_request, silent_subscription, monkeypatch
):
    monkeypatch.setattr(queries, "MOST_LISTED", 1)
    monkeypatch.setattr(queries.Few.__init__, "__defaults__", (1,))
    subscriptions = [silent_subscription()]
    links = ["/attention/", "?waits=decision", "?state=rejected", "?state=nothing_found", "all open requests"]

    def work():
        request = previewed_request(subscriptions=subscriptions)
        raise_attention(
            request=request, subscription=subscriptions[0], reason=Attention.Reason.RECEIPT_OVERDUE
        )
        previewed_request(subscriptions=subscriptions, visitors=["nobody"], absent=["nobody"])
        return shown(browser.get("/"))

    one, two = work(), work()

    assert "all open requests" in one
    assert [link for link in links if link not in two] == []
    assert "?waits=decision" not in one


# -- Search --------------------------------------------------------------------------------------------------


def test_each_result_says_why_it_is_found_and_no_address_repeats_what_was_looked_for(browser, new_request):
    asked = new_request(visitors=["jane@person.example"])
    subject = new_request(visitors=["other"], subject=Subject("Jane", "jane@person.example"))

    page = shown(browser.post("/search/", {"text": "jane@person.example"}))

    assert page.index("The e-mail address of the person") < page.index("Asked for as a visitor id")
    assert page.index(subject.reference) < page.index(asked.reference)
    assert not [part for part in page.split("href=")[1:] if "jane" in part.split(">")[0]]


def test_many_results_are_paged_by_a_form(browser, new_request, silent_subscription):
    subscriptions = [silent_subscription()]
    requests = [new_request(subscriptions=subscriptions, visitors=["jane"]) for _ in range(A_PAGE + 1)]

    first = browser.post("/search/", {"text": "jane"})
    second = browser.post("/search/", {"text": "jane", "at": first.context["page"].further})

    assert [row for row, _ in first.context["found"]] == requests[:0:-1]
    assert [row for row, _ in second.context["found"]] == requests[:1]


# -- Quick ---------------------------------------------------------------------------------------------------


PAGES = ["request", "request_targets", "request_batches", "request_entries"]


def test_a_page_of_a_request_takes_as_many_queries_whatever_it_holds(
    browser, previewed_request, silent_subscription, address
):
    counts = []
    for size in (1, 3, 70):
        request = previewed_request(visitors=[f"visitor-{number}" for number in range(size)])
        add_batches(request, size)
        add_entries(request, size)
        pages = {name: address(name, request) for name in PAGES}
        counts.append({name: queries_of(partial(browser.get, page)) for name, page in pages.items()})

    assert counts[0] == counts[1] == counts[2]


FILTERS = [
    {"state": "previewed"},
    {"kind": "erasure", "law": "EU_GDPR"},
    {"due": "week"},
    {"due": "overdue"},
    {"due": "late"},
    {"waits": "person"},
    {"waits": "decision"},
    {"mine": "on"},
    {"received_from": "2020-01-01"},
    {"ended": 1, "received_to": "2020-01-01"},
]


def test_a_filtered_list_takes_as_many_queries_for_sixty_as_for_one(
    browser, previewed_request, silent_subscription
):
    subscription = silent_subscription()
    filters = [*FILTERS, *(values | {"subscription": subscription.pk} for values in FILTERS)]
    counts = []
    for size in (1, 2, 57):
        for _ in range(size):
            request = previewed_request(subscriptions=[subscription], visitors=["a"])
            reason = Attention.Reason.RECEIPT_OVERDUE
            raise_attention(request=request, subscription=subscription, reason=reason)
        counts.append([queries_of(partial(browser.get, "/requests/", values)) for values in filters])

    assert counts[0] == counts[1] == counts[2]


def test_a_search_takes_as_many_queries_for_three_as_for_one(browser, new_request):
    counts = []
    for _ in range(3):
        new_request(visitors=["jane"])
        counts.append(queries_of(lambda: browser.post("/search/", {"text": "jane"})))

    assert len(set(counts)) == 1


def test_every_page_says_what_to_do_next(browser, previewed_request, address):
    request = previewed_request()
    pages = ["/attention/", *(address(name, request) for name in PAGES)]

    assert [page for page in pages if 'class="next"' not in shown(browser.get(page))] == []
