import pytest
from django.conf import settings

from compliance.connectors.answers import Verdict
from compliance.execution.meaning import (
    BULK_DELETE,
    FOR_EVERYBODY,
    FOR_ONE_VISITOR,
    Meaning,
    one_by_one_table,
    table,
)

#: After these, Pendo may have queued what was sent.
DOUBTFUL = {Verdict.UNAVAILABLE, Verdict.GARBLED, Verdict.LOST}


def test_every_verdict_has_a_meaning():
    assert set(BULK_DELETE) == set(Verdict)


@pytest.mark.parametrize("verdict", sorted(DOUBTFUL))
def test_doubt_is_asked_about_before_anything_is_sent_again(verdict):
    assert BULK_DELETE[verdict] is Meaning.ASK_WHETHER


def test_only_an_answer_that_promises_counts_as_accepted():
    settled = [verdict for verdict, meaning in BULK_DELETE.items() if meaning is Meaning.SETTLED]

    assert settled == [Verdict.OK]


def test_table_has_a_line_for_each_verdict():
    lines = table().splitlines()

    assert len(lines) == 2 + len(Verdict)
    assert all(line.startswith("| ") and line.endswith(" |") for line in lines[2:])


def test_architecture_page_prints_the_tables_of_the_code():
    text = (settings.BASE_DIR / "docs" / "architecture.md").read_text()

    assert table() in text
    assert one_by_one_table() in text


@pytest.mark.parametrize("meanings", [FOR_ONE_VISITOR, FOR_EVERYBODY])
def test_every_verdict_has_a_meaning_for_a_call_for_one_target(meanings):
    assert set(meanings) == set(Verdict)
    assert [verdict for verdict, meaning in meanings.items() if meaning is Meaning.DONE] == [Verdict.OK]


@pytest.mark.parametrize("verdict", sorted(DOUBTFUL))
def test_in_doubt_only_what_is_harmless_to_repeat_is_sent_again_by_itself(verdict):
    assert FOR_ONE_VISITOR[verdict] is Meaning.REPEAT
    assert FOR_EVERYBODY[verdict] is Meaning.WAIT


def test_table_of_calls_for_one_target_has_a_line_for_each_verdict():
    assert len(one_by_one_table().splitlines()) == 2 + len(Verdict)
