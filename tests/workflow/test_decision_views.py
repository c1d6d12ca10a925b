"""The pages of decisions that are told to the person concerned."""

import pytest

from compliance.core import clock
from compliance.people.roles import Role
from compliance.workflow.enabled_laws import enable_law

REASON = "Nine accounts in two workspaces share a mailbox; logs must be compared before anybody is named."


def text(answer):
    return " ".join(answer.content.decode().split())


def page(request):
    return f"/requests/{request.reference}/"


@pytest.fixture
def desk_officer(client_of, officer):
    return client_of(officer)


# -- More time -----------------------------------------------------------------------------------------------


def test_more_time_is_taken_and_its_notice_is_there_to_be_copied(desk_officer, new_request):
    request = new_request()
    assert "Take more time" in text(desk_officer.get(page(request)))

    answer = desk_officer.post(
        f"{page(request)}extend/", {"ground": "COMPLEXITY", "reason": REASON}, follow=True
    )

    assert "or the extension doesn’t count" in text(answer)
    assert f"The request is complex: {REASON}" in text(answer)


def test_a_vague_reason_is_said_beside_the_field_and_kept(desk_officer, new_request):
    answer = desk_officer.post(
        f"{page(new_request())}extend/", {"ground": "NUMBER", "reason": "Staff holidays"}
    )

    assert answer.status_code == 422
    assert "Holidays, staff and workload are no reason" in text(answer)
    assert "Staff holidays</textarea>" in text(answer)


def test_where_no_more_time_can_be_taken_the_page_says_why(desk_officer, new_request, make_person):
    enable_law(code="KR_PIPA", by=make_person(Role.ADMINISTRATOR))
    request = new_request(law="KR_PIPA")

    assert "Korea (PIPA) gives no more time" in text(desk_officer.get(page(request)))
    assert "gives no more time" in text(desk_officer.get(f"{page(request)}extend/", follow=True))


def test_an_analyst_sees_the_extension_and_takes_none(desk_officer, client_of, analyst, new_request):
    request, browser = new_request(received_on=clock.today()), client_of(analyst)
    assert "Take more time" not in text(browser.get(page(request)))
    desk_officer.post(f"{page(request)}extend/", {"ground": "COMPLEXITY", "reason": REASON})

    assert "Extended" in text(browser.get(page(request)))
