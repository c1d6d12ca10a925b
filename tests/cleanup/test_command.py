"""`manage.py cleanup run`: exit codes, one document on standard output, progress on standard error."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from compliance.cleanup import queries
from compliance.cleanup.choices import RuleAction, Source
from compliance.cleanup.management.commands import cleanup
from compliance.cleanup.models import Rule, Run
from compliance.cleanup.reporting import Exit, exit_of, told_of
from compliance.execution.health import beat
from compliance.subscriptions.models import LaneKind, Subscription
from compliance.workflow.pausing import pause_request
from compliance.workflow.states import State


@pytest.fixture
def command(monkeypatch):
    """`command(*arguments, meanwhile=...)`: what it wrote, and how it ended; it waits by `meanwhile`."""

    def run(*arguments, meanwhile=lambda: None):
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(cleanup.time, "sleep", lambda _: meanwhile())
        try:
            call_command("cleanup", "run", *arguments, stdout=out, stderr=err)
        except SystemExit as ended:
            return out.getvalue(), err.getvalue(), Exit(ended.code)
        except CommandError as error:
            return "", str(error), Exit(error.returncode)
        raise AssertionError

    return run


def told(command, *arguments, **how):
    out, _, code = command(*arguments, "--json", **how)
    document = json.loads(out)
    assert document["exit"] == code
    return document, code


def test_by_default_it_waits_until_pendo_has_accepted_all(bench, officer, command):
    bench.add("qa-1", "qa-2", "qa-3")
    bench.rule(approved_by=officer)

    document, code = told(command, "nightly-qa", meanwhile=bench.desk.run)

    assert (code, document["accepted"], document["result"]) == (Exit.DONE, True, None)
    assert document["outcomes"] == {"accepted": 3}
    assert "qa-1" not in json.dumps(document)


def test_with_confirmed_it_waits_until_all_is_looked_for(bench, officer, command, later):
    bench.add("qa-1", "qa-2", "qa-3")
    bench.rule(approved_by=officer)

    document, code = told(
        command, "nightly-qa", "--wait", "confirmed", meanwhile=lambda: bench.desk.finish(later)
    )

    assert (code, document["result"], document["outcomes"]) == (Exit.DONE, "done", {"erased": 3})


def test_a_reset_of_a_narrowed_file_is_done_and_lines_without_a_visitor_are_named(
    bench, qa_lead, command, tmp_path
):
    bench.add("qa-1", "qa-2")
    bench.rule(approved_by=qa_lead, action=RuleAction.RESET_GUIDES, source=Source.PREFIX, value="qa-")
    file = tmp_path / "visitors.txt"
    file.write_text("qa-1\nqa-7\nqa-2\n")

    document, code = told(command, "nightly-qa", "--visitors", str(file), meanwhile=bench.desk.run)

    assert (code, document["result"], document["not_matched_lines"]) == (Exit.DONE, "done", [2])
    assert document["outcomes"]["reset"] == 2


def test_a_dry_run_is_done_when_it_has_shown(bench, command):
    bench.add("qa-1")
    bench.rule()

    document, code = told(command, "nightly-qa", "--dry-run", meanwhile=bench.desk.run)

    assert (code, document["result"], document["matched"]) == (Exit.DONE, "shown", 1)


def test_nothing_matched(bench, officer, command):
    bench.rule(approved_by=officer)

    assert told(command, "nightly-qa", meanwhile=bench.desk.run)[1] is Exit.NOTHING


def test_the_guard_stopped_it(bench, officer, command):
    bench.add("qa-1", "qa-2")
    bench.rule(approved_by=officer, most=1)

    document, code = told(command, "nightly-qa", meanwhile=bench.desk.run)

    assert code is Exit.STOPPED
    assert document["why"] == "2 targets were matched, and one run may touch 1."


def test_the_approval_is_missing_and_a_second_call_joins(bench, command):
    bench.add("qa-1")
    bench.rule()

    document, code = told(command, "nightly-qa", meanwhile=bench.desk.run)
    again, code_again = told(command, "nightly-qa")

    assert code is code_again is Exit.UNAPPROVED
    assert document["waits_for_approval"]
    assert (document["joined"], again["joined"], again["run"]) == (False, True, document["run"])


def test_a_run_that_somebody_paused_says_who_lets_it_go_on(bench, officer, command):
    bench.add("qa-1")
    rule = bench.rule(approved_by=officer)
    run = bench.start(rule)
    bench.desk.work(LaneKind.READ)
    bench.approve(run)
    pause_request(request=run.request, by=officer)

    document, code = told(command, "nightly-qa", meanwhile=bench.desk.run)

    assert (code, document["joined"]) == (Exit.UNAVAILABLE, True)
    assert document["why"] == f"Request {run.request.reference} is paused; a privacy officer lets it go on."


def test_what_pendo_has_accepted_is_done_whatever_is_paused_afterwards(bench, officer, command):
    bench.add("qa-1")
    bench.rule(approved_by=officer)

    def accepted_and_then_paused():
        bench.desk.run()
        if Run.objects.get().request.state == State.CONFIRMING:
            Subscription.objects.update(paused_reason="key_refused")

    document, code = told(command, "nightly-qa", meanwhile=accepted_and_then_paused)

    assert (code, document["outcomes"]["accepted"]) == (Exit.DONE, 1)
    assert "is paused" in document["why"]
    assert exit_of(Run.objects.get(), until_confirmed=True) is Exit.UNAVAILABLE


def test_a_run_that_has_ended_waits_for_nothing(bench, officer, command):
    bench.rule(approved_by=officer)
    run = bench.run(Rule.objects.get())
    Subscription.objects.update(paused_reason="key_refused")

    assert told_of(run)["why"] == "Nobody matched, or all who did are held: nothing was to be done."
    assert queries.what_it_waits_for(run) == ""


@pytest.mark.django_db
def test_pendo_is_unavailable(make_rule, officer, command):
    make_rule(approved_by=officer)

    document, code = told(command, "nightly-qa")

    assert code is Exit.UNAVAILABLE
    assert "no usable key" in document["why"]


def test_still_pending_at_the_timeout_and_no_worker_is_alive(bench, officer, command):
    bench.rule(approved_by=officer)

    out, err, code = command("nightly-qa", "--timeout", "0")

    assert code is Exit.PENDING
    assert "No worker is alive" in err
    assert "goes on by itself" in out


def test_nothing_is_said_of_workers_where_one_is_seen(bench, officer, command):
    bench.rule(approved_by=officer)
    beat()

    assert "worker" not in command("nightly-qa", "--timeout", "0")[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-rule"], "no rule"),
        (["nightly-qa", "--guide", "g-1"], "no guides"),
        (["nightly-qa", "--visitors", "/nowhere"], "can't be read"),
    ],
)
def test_bad_input_is_refused_and_nothing_runs(make_rule, command, arguments, words):
    make_rule()

    _, err, code = command(*arguments)

    assert code is Exit.BAD_INPUT
    assert words in err
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_a_line_outside_the_rule_is_named_and_its_id_is_not(make_rule, command, tmp_path):
    make_rule()
    file = tmp_path / "visitors.txt"
    file.write_text("qa-1\ncustomer-7\n")

    _, err, code = command("nightly-qa", "--visitors", str(file))

    assert code is Exit.BAD_INPUT
    assert "line 2" in err
    assert "customer-7" not in err


@pytest.mark.django_db
def test_a_subscription_that_does_not_answer_is_told(make_rule, officer, command, monkeypatch):
    make_rule(approved_by=officer)
    monkeypatch.setattr(queries, "key_for", lambda *_: "a key")
    Subscription.objects.update(paused_reason="key_refused")

    document, code = told(command, "nightly-qa")

    assert code is Exit.UNAVAILABLE
    assert "Pendo refuses the key" in document["why"]


def test_help_tables_every_exit_code(capsys):
    with pytest.raises(SystemExit):
        call_command("cleanup", "run", "--help")

    out = " ".join(capsys.readouterr().out.split())
    assert all(f"{code.value} {code.meaning}" in out for code in Exit)
