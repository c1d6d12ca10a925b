"""The closed vocabulary of the ledger."""

import re
from string import Formatter

import pytest

from compliance.audit.events import Event

EVENTS = pytest.mark.parametrize("event", Event, ids=lambda event: event.name)


@EVENTS
def test_every_event_is_a_path_of_words_with_a_meaning_and_a_sentence_made_of_its_facts(event):
    assert re.fullmatch(r"[a-z]+(:[a-z]+)+", event.value)
    assert len(event.value) <= 40
    assert event.meaning.endswith(".")
    assert "\n" not in event.meaning

    fields = [field for _, field, _, _ in Formatter().parse(event.sentence) if field is not None]
    assert all(field.isidentifier() for field in fields)
    assert event.facts == set(fields) - {"actor"}

    filled = event.sentence.format(actor="Ada", **dict.fromkeys(event.facts, "fact"))
    assert filled.endswith(".")
    assert event.sentence[0].isupper() or event.sentence[0] == "{"
    assert "{" not in filled


def test_no_event_stands_twice():
    # An enum with the same value twice makes the second name an alias of the first.
    assert len(Event.__members__) == len(list(Event))
