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


# -- Refusing ------------------------------------------------------------------------------------------------

FACTS = "Forty identical letters arrived since March; each was answered, nothing was stored between them."


@pytest.fixture
def desk_analyst(client_of, analyst):
    return client_of(analyst)


def typed(**changes):
    return {"scope": "whole", "code": "R_12_5_EXCESSIVE", "facts": FACTS} | changes


def test_a_refusal_is_proposed_agreed_to_and_its_text_is_there(desk_analyst, desk_officer, previewed_request):
    request = previewed_request()
    desk_analyst.post(f"{page(request)}refuse/", typed())
    assert "Agree or decline" in text(desk_officer.get(page(request)))
    assert "Refusals that wait" in text(desk_officer.get("/"))
    assert FACTS in text(desk_officer.get(f"{page(request)}refusal/"))

    answer = desk_officer.post(f"{page(request)}refusal/", {"agree": "1"}, follow=True)

    request.refresh_from_db()
    assert request.state == "refused"
    assert "We keep a record of this request" in text(answer)
    assert "Send the person the text below without delay, by" in text(answer)


def test_a_part_is_ticked_and_listed(desk_analyst, desk_officer, previewed_request):
    request = previewed_request()
    key = request.targets.first().pk
    values = typed(
        scope="targets", code="X_E_LEGAL_CLAIMS", statute="s. 195 BGB", kept_until="2999-01-01", target=[key]
    )

    desk_analyst.post(f"{page(request)}refuse/", values)

    assert "1 target that would stay" in text(desk_officer.get(f"{page(request)}refusal/"))


def test_what_was_typed_and_ticked_is_kept_with_the_complaint(desk_analyst, previewed_request):
    request = previewed_request()
    key = request.targets.first().pk

    answer = desk_analyst.post(f"{page(request)}refuse/", typed(facts="Excessive.", target=[key]))

    assert answer.status_code == 422
    assert "This would fit any request" in text(answer)
    assert f'value="{key}" aria-label="visitor-one" checked' in text(answer)


def test_the_proposer_takes_it_back_on_the_request_page(desk_analyst, previewed_request):
    request = previewed_request()
    desk_analyst.post(f"{page(request)}refuse/", typed())
    assert "Take it back" in text(desk_analyst.get(page(request)))

    answer = desk_analyst.post(f"{page(request)}refusal/take-back/", follow=True)

    assert "Taken back. The request goes on." in text(answer)
    assert "Refusal declined" in text(answer)


def test_declining_without_a_reason_is_asked_for_one(desk_analyst, desk_officer, previewed_request):
    request = previewed_request()
    desk_analyst.post(f"{page(request)}refuse/", typed())

    assert desk_officer.post(f"{page(request)}refusal/", {"reason": ""}).status_code == 422
    answer = desk_officer.post(f"{page(request)}refusal/", {"reason": "They are few."}, follow=True)
    assert "They are few." in text(answer)


def test_who_proposed_is_sent_back_from_the_page_of_the_second(desk_officer, previewed_request):
    request = previewed_request()
    desk_officer.post(f"{page(request)}refuse/", typed())

    assert "You proposed this refusal" in text(desk_officer.get(f"{page(request)}refusal/", follow=True))
