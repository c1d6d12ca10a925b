"""Pages by keyset."""

import base64
import itertools
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.core.keyset import counted, cursor_beside, page_of, walk
from compliance.workflow.models import Request

BY_DATE, LATEST_FIRST = ("send_by", "pk"), ("-send_by", "-pk")


@pytest.fixture
def seven(new_request, silent_subscription):
    """Seven requests, of which three and four have the same date."""
    subscriptions = [silent_subscription()]
    return [
        new_request(subscriptions=subscriptions, visitors=["a"], law=law)
        for law in ("EU_GDPR", "US_CA", "EU_GDPR", "US_CA", "US_CA", "EU_GDPR", "US_CA")
    ]


def page(order, cursor="", size=3):
    return page_of(Request.objects.all(), order=order, cursor=cursor, size=size)


def pages_forward(order, size):
    found = [page(order, size=size)]
    while found[-1].further:
        found.append(page(order, found[-1].further, size))
    return found


def pages_back(last, order, size):
    found = [last]
    while found[0].earlier:
        found.insert(0, page(order, found[0].earlier, size))
    return found


def keys(pages):
    return [[row.pk for row in each.rows] for each in pages]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("order", [BY_DATE, LATEST_FIRST, ("pk",), ("-pk",)])
def test_every_row_stands_on_one_page_in_order_also_where_dates_are_equal(seven, order, size):
    pages = keys(pages_forward(order, size))

    assert list(itertools.chain(*pages)) == list(
        Request.objects.order_by(*order).values_list("pk", flat=True)
    )
    assert all(len(each) == size for each in pages[:-1])


@pytest.mark.parametrize("size", [1, 2, 3, 6])
@pytest.mark.parametrize("order", [BY_DATE, LATEST_FIRST, ("pk",), ("-pk",)])
def test_the_way_back_passes_the_same_pages(seven, order, size):
    forward = pages_forward(order, size)

    assert keys(pages_back(forward[-1], order, size)) == keys(forward)


def test_the_first_page_has_nothing_before_it_and_the_last_nothing_behind(seven):
    first, *_, last = pages_forward(BY_DATE, 3)

    assert (first.first, first.earlier) == (True, "")
    assert (last.first, last.further) == (False, "")


def test_what_comes_in_meanwhile_moves_no_row_to_another_page(seven, new_request):
    first = page(("-pk",))
    new_request()

    assert keys([page(("-pk",), first.further)]) == [[row.pk for row in reversed(seven[1:4])]]


def test_a_page_reads_on_from_its_edge_and_neither_counts_nor_skips(seven):
    cursor = page(BY_DATE).further

    with CaptureQueriesContext(connection) as queries:
        page(BY_DATE, cursor)

    sql = [query["sql"].upper() for query in queries]
    assert len(sql) == 2
    assert not [each for each in sql if "OFFSET" in each or "COUNT" in each or "LIMIT" not in each]


def packed(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ä",
        "====",
        packed(),
        packed(0),
        packed(0, "2026-01-01"),
        packed(0, "no day", 1),
        packed(0, "2026-01-01", 10**30),
        packed(0, None, 1),
        packed(0, "2026-01-01", None),
        packed(0, "2026-01-01", 1, 1),
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b"1").decode(),
        base64.urlsafe_b64encode(b"\xff").decode(),
    ],
)
def test_a_cursor_that_somebody_made_up_gives_the_first_page(seven, cursor):
    assert page(BY_DATE, cursor) == page(BY_DATE)


def test_a_cursor_holds_what_the_list_is_sorted_by_and_nothing_else(seven):
    cursor = cursor_beside(seven[0], order=BY_DATE)

    values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    assert values == [0, seven[0].send_by.isoformat(), seven[0].pk]


@pytest.mark.parametrize(("most", "words"), [(6, "6+"), (7, "7"), (10_000, "7")])
def test_a_list_is_counted_so_far_and_no_further(seven, most, words):
    assert counted(Request.objects.order_by("send_by"), most) == words


@pytest.mark.parametrize("size", [1, 3, 7, 8])
def test_a_walk_passes_every_row_once_in_slices(seven, size):
    slices = list(walk(Request.objects.all(), order=BY_DATE, size=size))

    assert [row.pk for each in slices for row in each] == [
        row.pk for row in Request.objects.order_by(*BY_DATE)
    ]
    assert max(map(len, slices)) == min(size, 7)
