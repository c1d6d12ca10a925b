"""Thirty days after its end, nothing of whom a run was about is left; its counts and its ledger stay."""

import pytest
from django.urls import reverse

from compliance.audit.queries import entries_of
from compliance.cleanup.forgetting import forget_old_runs
from compliance.execution.models import BatchReceipt, Call
from compliance.workflow.models import Asked, Target


@pytest.fixture
def ended(bench, officer, later):
    """A run that erased three visitors, and ended."""
    bench.add("qa-1", "qa-2", "qa-3")
    run = bench.run(bench.rule(approved_by=officer))
    bench.desk.finish(later)
    return bench.rest(run)


def test_a_run_is_forgotten_after_thirty_days_and_its_pages_still_open(
    ended, later, client_of, qa, analyst, officer
):
    later(days=29)
    forget_old_runs()
    assert Target.objects.count() == 3

    later(days=2)
    forget_old_runs()
    forget_old_runs()

    assert not Target.objects.exists()
    assert not Asked.objects.exists()
    assert not Call.objects.exclude(sealed_answer=None).exists()
    assert not BatchReceipt.objects.exclude(sealed_answer=None).exists()
    ended.refresh_from_db()
    assert ended.forgotten_at
    assert ended.request.targets_key is None
    assert ended.outcomes == {"erased": 3}
    events = [entry.event for entry in entries_of(ended.rule.chain)]
    assert events.count("cleanup:run:forgotten") == 1
    qa_browser, privacy = client_of(qa), client_of(analyst)
    page = qa_browser.get(reverse("cleanup_run", args=[ended.pk]))
    assert "a run keeps that for 30 days" in page.content.decode()
    for name in ("request", "request_targets", "request_batches", "request_entries"):
        assert privacy.get(reverse(name, args=[ended.request.reference])).status_code == 200, name


def test_the_next_run_is_not_compared_with_one_that_is_forgotten(ended, bench, later, qa):
    later(days=31)
    forget_old_runs()

    run = bench.run(ended.rule, dry_run=True)

    assert run.compared_with is None
