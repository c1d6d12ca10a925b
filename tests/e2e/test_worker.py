"""A real worker group, a real web server, a real sandbox, no browser: what the processes do together."""

import contextlib
import os
import re
import signal
import subprocess
import sys

import httpx
import psutil
import pytest

from .desk import ROOT, Colleague, desk_environment, free_port, start_desk, wait_until


@pytest.fixture
def log_in(desk):
    """`log_in(address)`: that person of the demo, logged in."""
    with contextlib.ExitStack() as browsers:
        yield lambda email: browsers.enter_context(contextlib.closing(Colleague(desk, email)))


def open_a_request(log_in, ids):
    analyst = log_in("analyst@demo.example")
    page = analyst.get("/requests/new/")
    subscription = re.search(r'name="subscriptions" value="(\d+)"', page).group(1)
    answer = analyst.post(
        "/requests/new/",
        visitors="\n".join(ids),
        subscriptions=subscription,
        law="EU_GDPR",
        received_on=re.search(r'name="received_on" value="([^"]+)"', page).group(1),
        channel="email",
        identity="account",
    )
    return analyst, answer.url.path


def approve(log_in, path):
    officer = log_in("officer@demo.example")
    officer.prove_who_they_are()
    page = officer.get(f"{path}decide/")
    fields = dict(re.findall(r'name="(approve-(?:digest|count))" value="([^"]+)"', page))
    officer.post(f"{path}decide/", **fields, approve="1")
    return officer


def visitors_of(desk):
    return set(httpx.get(f"{desk.sandbox}/visitors?subscription=demo").json()["visitors"])


def bulk_calls(desk):
    calls = httpx.get(f"{desk.sandbox}/books?since=0").json()["calls"]
    return [call for call in calls if call["method"] == "POST" and "bulkdelete" in call["route"]]


def works_again(desk):
    """Whether a worker was seen to work within the last two seconds."""
    age = desk.health()["heartbeat_age"]
    return age is not None and age < 2


def lives(process):
    """Whether it still runs: one that ended and that nobody has fetched yet does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_deletion_goes_from_entry_to_proven_absence(desk, log_in):
    wanted = sorted(visitors_of(desk))[:5]
    calls_before = len(bulk_calls(desk))

    analyst, path = open_a_request(log_in, [*wanted, "nobody-knows-me"])
    wait_until(lambda: "Waiting for approval" in analyst.get(path), 30, desk)
    officer = approve(log_in, path)
    wait_until(lambda: "Closed" in officer.get(path), 90, desk)

    assert visitors_of(desk).isdisjoint(wanted)
    assert [call["ids"] for call in bulk_calls(desk)[calls_before:]] == [5]
    assert "1 not found, 5 erased" in officer.get(path)


def test_a_lost_answer_is_asked_about_and_not_sent_twice(desk, log_in):
    wanted = sorted(visitors_of(desk))[:3]
    calls_before = len(bulk_calls(desk))
    httpx.post(
        f"{desk.sandbox}/faults",
        json={"kind": "drop_after", "times": 1, "prefix": "/api/v1/bulkdelete/visitor"},
    ).raise_for_status()

    analyst, path = open_a_request(log_in, wanted)
    wait_until(lambda: "Waiting for approval" in analyst.get(path), 30, desk)
    officer = approve(log_in, path)
    wait_until(lambda: "Closed" in officer.get(path), 90, desk)

    assert "Pendo is asked before it is resent" in officer.get(path)
    assert len(bulk_calls(desk)) == calls_before + 1
    assert visitors_of(desk).isdisjoint(wanted)


def test_logs_hold_no_visitor_id_and_no_key(desk):
    text = desk.log.read_text()

    assert "b64_" not in text
    assert not re.search(r"[\w.]+@(?!demo\.example)[\w.]+\.example", text)


def test_a_hung_worker_group_is_replaced(desk):
    former = desk.worker_group()
    for process in former:
        process.suspend()

    wait_until(lambda: (desk.health()["heartbeat_age"] or 0) > 5, 20, desk)
    wait_until(lambda: works_again(desk), 60, desk)

    assert {process.pid for process in former}.isdisjoint(process.pid for process in desk.worker_group())
    assert not any(lives(process) for process in former)


def test_a_killed_worker_group_is_replaced(desk):
    leader, *others = desk.worker_group()
    for process in [*others, leader]:
        process.kill()

    wait_until(lambda: leader.pid not in {process.pid for process in desk.processes()}, 30, desk)
    wait_until(lambda: works_again(desk), 60, desk)


def test_stopping_leaves_no_process_behind_and_it_starts_again(tmp_path):
    desk = None
    for number in (signal.SIGINT, signal.SIGTERM):
        desk = start_desk(tmp_path, after=desk, copied=True)
        processes = desk.processes()

        desk.process.send_signal(number)

        assert desk.process.wait(timeout=40) == 0
        assert psutil.wait_procs(processes, timeout=5)[1] == []


def test_a_taken_port_is_said_in_one_line(desk, tmp_path):
    second = subprocess.run(
        [sys.executable, "manage.py", "up", "--demo", f"--port={desk.port}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | desk_environment(tmp_path, free_port()),
    )

    assert second.returncode == 1
    assert f"Port {desk.port} is taken by another program." in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1
