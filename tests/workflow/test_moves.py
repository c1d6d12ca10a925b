"""One door for every state."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from compliance.audit import ledger
from compliance.audit.models import Entry
from compliance.workflow.errors import IllegalMove, StateChanged
from compliance.workflow.models import Request
from compliance.workflow.moves import MOVES, diagram, move
from compliance.workflow.states import ENDED, State
from tests.request_fixtures import events_of

HOUSE = settings.BASE_DIR / "compliance"
#: The only files that may write a field of this name to a row that stands.
DOORS = {
    "state": {
        "workflow/moves.py",
        "workflow/suspending.py",
        "execution/moves.py",
        "intake/upload_moves.py",
        # Of a message to a receiver, which isn't part of any request.
        "notifications/endpoints.py",
        "notifications/posting.py",
    },
    "outcome": {"workflow/outcomes.py"},
}
WRITERS = {"update", "bulk_update", "update_or_create", "setattr"}


def files():
    for path in HOUSE.rglob("*.py"):
        if not {"migrations", "sandbox"} & set(path.parts):
            yield path


def written_fields(tree):
    """Names of attributes that are assigned, and of fields that are updated in bulk."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (part.attr for part in ast.walk(target) if isinstance(part, ast.Attribute))
        if isinstance(node, ast.Call) and name_of(node.func) in WRITERS:
            yield from (keyword.arg for keyword in node.keywords)
            yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))


def name_of(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("field", sorted(DOORS))
def test_only_the_doors_write_a_state(field):
    writing = {
        str(path.relative_to(HOUSE))
        for path in files()
        if field in set(written_fields(ast.parse(path.read_text())))
    }

    assert writing == DOORS[field]


@pytest.mark.parametrize(
    "code",
    [
        "request.state = 1",
        "request.state, other = 1, 2",
        "Request.objects.filter(pk=1).update(state=1)",
        "Request.objects.bulk_update(rows, ['state'])",
        "setattr(request, 'state', 1)",
    ],
)
def test_the_search_finds_every_way_to_write(code):
    assert "state" in set(written_fields(ast.parse(code)))


def test_the_diagram_in_the_documents_is_the_one_of_the_table():
    text = (settings.BASE_DIR / "docs" / "architecture.md").read_text()

    printed = re.findall(r"```mermaid\n(stateDiagram.*?)\n```", text, re.DOTALL)

    assert printed == [diagram()]


def test_every_state_is_reached_and_only_ended_ones_are_not_left():
    sources, targets = {step.source for step in MOVES}, {step.target for step in MOVES}

    assert targets | {State.CHECKING, State.UNCONFIRMED} == set(State)
    assert set(State) - sources == ENDED
    assert len({(step.source, step.target) for step in MOVES}) == len(MOVES)


@pytest.mark.django_db
@pytest.mark.parametrize("source", State)
def test_a_move_that_the_table_does_not_have_is_refused(new_request, source):
    request = new_request()
    request.state = source
    legal = {step.target for step in MOVES if step.source == source}

    for target in set(State) - legal:
        with pytest.raises(IllegalMove):
            move(request, target, actor=ledger.SYSTEM)


def test_who_comes_second_is_told_and_writes_nothing(previewed_request):
    request = previewed_request()
    slower = Request.objects.get(pk=request.pk)
    move(request, State.PREVIEWING, actor=ledger.SYSTEM, preview=2, targets=0, subscriptions="")
    before = Entry.objects.count()

    with pytest.raises(StateChanged):
        move(slower, State.CANCELLED, actor=ledger.SYSTEM, reason="")

    assert Entry.objects.count() == before
    assert Request.objects.get(pk=request.pk).state == State.PREVIEWING


def test_without_its_ledger_entry_a_move_does_not_stand(previewed_request):
    request = previewed_request()
    before = events_of(request)

    with pytest.raises(ledger.FactsDoNotFit):
        move(request, State.CANCELLED, actor=ledger.SYSTEM, nonsense=1)

    assert Request.objects.get(pk=request.pk).state == State.PREVIEWED
    assert events_of(request) == before


def test_other_changes_stand_with_the_move(previewed_request):
    request = previewed_request()

    move(request, State.CANCELLED, actor=ledger.SYSTEM, changes={"law": "US_CA"}, reason="")

    assert Request.objects.get(pk=request.pk).law == "US_CA"


def test_the_source_of_this_house_is_where_it_is_looked_for():
    assert {path.name for path in files()} >= {"moves.py", "outcomes.py", "planning.py"}
    assert Path(HOUSE, "workflow", "moves.py").exists()
