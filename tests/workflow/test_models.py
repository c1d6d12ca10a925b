"""What rows say of themselves."""

import re

from compliance.workflow.models import new_reference
from tests.request_fixtures import give_approval


def test_a_reference_is_short_and_has_no_letter_that_is_read_as_another():
    references = {new_reference() for _ in range(200)}

    assert len(references) == 200
    assert all(re.fullmatch(r"ED-[0-9A-HJKMNP-TV-Z]{8}", reference) for reference in references)


def test_no_row_names_a_person_in_its_representation(previewed_request, officer):
    request = previewed_request(visitors=["visitor-jane"], note="Jane wrote")
    give_approval(request, officer)

    rows = [
        request,
        request.targets.get(),
        request.asked.get(),
        request.previews.get(),
        request.previews.get().approvals.get(),
        *request.clocks.all(),
    ]

    assert not any("jane" in f"{row} {row!r}".lower() for row in rows)
