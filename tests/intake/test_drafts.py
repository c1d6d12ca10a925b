"""Nothing typed is lost, nothing half-made stays for ever."""

import datetime as dt

import pytest
import time_machine

from compliance.core import clock
from compliance.intake.drafts import discard_draft, expire_drafts, read_draft, save_draft
from compliance.intake.models import Draft
from compliance.intake.tasks import expire_drafts as expire_by_queue

TYPED = {"visitors": "jane@person.example\nnäme", "subscriptions": ["1", "2"], "note": "Jane wrote"}


def test_a_draft_comes_back_as_it_was_typed(analyst):
    save_draft(person=analyst, values=TYPED)

    assert read_draft(analyst) == TYPED


def test_a_draft_is_its_owners_alone(analyst, officer):
    save_draft(person=analyst, values=TYPED)

    assert read_draft(officer) is None


def test_a_draft_is_kept_under_seal(analyst):
    save_draft(person=analyst, values=TYPED)

    draft = Draft.objects.get()
    assert b"jane" not in bytes(draft.sealed).lower() + bytes(draft.data_key).lower()
    assert "jane" not in f"{draft} {draft!r}".lower()


def test_saving_again_replaces_what_was_there(analyst):
    save_draft(person=analyst, values=TYPED)
    save_draft(person=analyst, values={"visitors": "other"})

    assert read_draft(analyst) == {"visitors": "other"}
    assert Draft.objects.count() == 1


def test_a_discarded_draft_is_gone(analyst):
    save_draft(person=analyst, values=TYPED)

    discard_draft(analyst)

    assert read_draft(analyst) is None
    assert not Draft.objects.exists()


def test_discarding_nothing_is_no_error(analyst):
    discard_draft(analyst)


@pytest.mark.parametrize("expire", [expire_drafts, expire_by_queue], ids=["verb", "task"])
def test_a_draft_that_nobody_touched_for_two_weeks_is_gone(analyst, officer, expire):
    save_draft(person=analyst, values=TYPED)
    with time_machine.travel(clock.now() + dt.timedelta(days=13)):
        save_draft(person=officer, values=TYPED)

    with time_machine.travel(clock.now() + dt.timedelta(days=14, minutes=1)):
        expire()

    assert [draft.person for draft in Draft.objects.all()] == [officer]
