"""A guard at the last moment: whoever lies outside is named by no call, whatever the rows say by now."""

import pytest

from compliance.cleanup.choices import RuleAction
from compliance.execution import tasks
from compliance.execution.models import Call
from compliance.workflow.models import Guard
from tests.workflow_fixtures import outcomes

IDS = ("qa-1", "qa-2", "qa-3")


def approved(bench, person, **said):
    """A run that its rule has approved; its batches stand, and nothing is sent."""
    bench.add(*IDS)
    run = bench.start(bench.rule(approved_by=person, **said))
    bench.desk.read()
    bench.approve(run)
    tasks.move_on()
    return run


def test_a_target_outside_the_pattern_is_taken_out_of_its_batch(bench, officer):
    run = approved(bench, officer)
    Guard.objects.update(pattern="qa-1*")

    bench.desk.send()

    assert bench.desk.accepted() == [["qa-1"]]
    assert outcomes(run.request) == {"accepted": 1, "failed": 2}


def test_no_call_is_written_down_if_all_are_outside(bench, officer):
    run = approved(bench, officer)
    Guard.objects.update(pattern="other-*")

    bench.desk.send()

    assert not Call.objects.exists()
    assert outcomes(run.request) == {"failed": 3}


@pytest.mark.parametrize("change", [{"dry_run": True}, {"stopped_by": "too_many"}])
def test_nothing_of_a_dry_run_or_of_one_that_was_stopped_is_sent(bench, officer, change):
    run = approved(bench, officer)
    Guard.objects.update(**change)

    bench.desk.run()

    assert bench.desk.posts() == []
    assert outcomes(run.request) == {"failed": 3}


def test_resets_are_guarded_one_by_one(bench, qa_lead):
    run = approved(bench, qa_lead, action=RuleAction.RESET_GUIDES)
    Guard.objects.update(pattern="qa-1*")

    bench.desk.call()

    assert outcomes(run.request) == {"reset": 1, "failed": 2}
