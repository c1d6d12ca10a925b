"""Putting many rows into a table at once."""

from compliance.core.bulk import insert_new
from compliance.workflow.models import Asked
from compliance.workflow.opening import ASKED_COLUMNS, AskedRow


def test_rows_are_there_once_and_the_new_ones_are_counted(new_request):
    request = new_request(visitors=["one"])
    rows = [
        AskedRow(request.pk, "visitor", b"%d" % number, b"%032d" % number, 1, None) for number in range(5)
    ]

    assert insert_new(Asked, ASKED_COLUMNS, [*rows[:3], rows[0]]) == 3
    assert insert_new(Asked, ASKED_COLUMNS, rows) == 2
    assert insert_new(Asked, ASKED_COLUMNS, []) == 0
    assert [bytes(row.sealed_value) for row in request.asked.order_by("pk")[1:]] == [
        b"%d" % n for n in range(5)
    ]
