from urllib.parse import quote

import pytest


@pytest.fixture
def guide_in(demo):
    return lambda state: next(guide.id for guide in demo.guides.values() if guide.state == state)


@pytest.mark.parametrize("state", ["public", "staged", "draft", "disabled"])
def test_a_guide_in_any_state_is_reset_for_one_visitor(client, demo, guide_in, state):
    guide = guide_in(state)

    answer = client.post(f"/api/v1/guide/{guide}/visitor/{quote('a/b c', safe='')}/reset")

    assert answer.status_code == 200
    assert [(reset.guide, reset.visitor) for reset in demo.resets] == [(guide, "a/b c")]


def test_all_guides_are_reset_for_one_visitor(client, demo):
    answer = client.post("/api/v1/guide/all/visitor/ana/reset")

    assert answer.status_code == 200
    assert [(reset.guide, reset.visitor) for reset in demo.resets] == [(None, "ana")]


def test_only_a_staged_guide_is_wiped_for_everybody(client, demo, guide_in):
    staged = client.post(f"/api/v1/guide/{guide_in('staged')}/reset")
    public = client.post(f"/api/v1/guide/{guide_in('public')}/reset")

    assert (staged.status_code, public.status_code) == (200, 400)
    assert [(reset.guide, reset.visitor) for reset in demo.resets] == [(guide_in("staged"), None)]


def test_all_staged_guides_are_wiped_at_once(client, demo):
    staged = [guide.id for guide in demo.guides.values() if guide.state == "staged"]

    client.post("/api/v1/guide/staged/reset")

    assert [reset.guide for reset in demo.resets] == staged


@pytest.mark.parametrize("path", ["nothing/reset", "nothing/visitor/ana/reset"])
def test_an_unknown_guide_is_not_found(client, path):
    assert client.post(f"/api/v1/guide/{path}").status_code == 404


def test_a_read_only_key_resets_nothing(reader, demo):
    answer = reader.post("/api/v1/guide/all/visitor/ana/reset")

    assert answer.status_code == 403
    assert not demo.resets
