"""What Prometheus may read: who may, what it says, and at what cost."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.connectors.answers import Verdict
from compliance.core import clock
from compliance.dashboard import metrics
from compliance.execution.health import beat
from compliance.execution.models import Call
from compliance.execution.planning import make_batch
from compliance.subscriptions.models import Lane
from compliance.subscriptions.registration import add_subscription
from compliance.subscriptions.stopping import stop_sending
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Attention, Request
from compliance.workflow.states import State

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-the-machine"
NAME = re.compile(r"erasure_desk_\w+")
LINE = re.compile(r'(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="(\\.|[^"\\])*",?)+\})? (-?\d+(\.\d+)?|\+Inf))')


def said():
    """Every sample, by its name with labels."""
    lines = [line for line in metrics.exposition().splitlines() if not line.startswith("#")]
    return {
        name.removeprefix("erasure_desk_"): float(value)
        for name, _, value in (line.rpartition(" ") for line in lines)
    }


# -- Who may -------------------------------------------------------------------------------------------------


def get(**headers):
    return Client(headers=headers).get("/metrics")


def test_without_a_token_set_nobody_may(settings):
    settings.METRICS_TOKEN = ""

    assert get(authorization="Bearer ").status_code == 403


@pytest.mark.parametrize("shown", ["", "Bearer wrong", "Basic a-token-of-the-machine", "Bearer tök"])
def test_another_token_opens_nothing(settings, shown):
    settings.METRICS_TOKEN = TOKEN

    answer = get(authorization=shown)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_the_token_opens_them(settings):
    settings.METRICS_TOKEN = TOKEN

    answer = get(authorization=f"Bearer {TOKEN}")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_the_demos_are_open(settings):
    settings.DEMO = True

    assert get().status_code == 200


# -- What they say -------------------------------------------------------------------------------------------


def test_every_line_is_one_that_prometheus_reads(previewed_request):
    add_subscription(name='Of "Jo" \\ Co', region="us", production=False, by=None)
    previewed_request()

    text = metrics.exposition()

    assert text.endswith("\n")
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    names = re.findall(r"# TYPE (\w+)", text)
    assert len(names) == len(set(names))
    assert 'subscription="Of \\"Jo\\" \\\\ Co"' in text


def test_nothing_has_happened_yet():
    told = said()

    assert told["heartbeat_age_seconds"] == float("inf")
    assert told["requests_overdue"] == told["sending_stopped"] == told["findings_open"] == 0
    assert not {name for name in told if name.startswith(("nearest_", "requests_open", "incident_"))}


def test_a_worker_a_stop_and_lanes_are_told(previewed_request):
    subscription = previewed_request().subscriptions.get()
    beat()
    stop_sending(by=None, reason="A trial")
    Lane.objects.filter(kind="bulk").update(
        next_at=clock.now() + dt.timedelta(hours=1),
        failures=4,
        lease_token="x",
        rate=2.5,
        lease_until=clock.now() + dt.timedelta(minutes=1),
    )

    told, labels = said(), f'{{subscription="{subscription.name}",lane="bulk"}}'

    assert told["heartbeat_age_seconds"] < 60
    assert told["sending_stopped"] == 1
    assert 3500 < told[f"lane_wait_seconds{labels}"] <= 3600
    assert (told[f"lane_failures{labels}"], told[f"lane_leased{labels}"]) == (4, 1)
    assert told[f"lane_rate{labels}"] == 2.5


def test_dates_are_told_of_open_requests_that_wait_to_be_sent(previewed_request):
    first, second = previewed_request(), previewed_request()
    yesterday = clock.today() - dt.timedelta(days=1)
    Request.objects.filter(pk=first.pk).update(send_by=yesterday, legal_by=yesterday, state=State.CONFIRMING)
    Request.objects.filter(pk=second.pk).update(send_by=clock.today() + dt.timedelta(days=4))

    told = said()

    assert (told["nearest_send_by_days"], told["nearest_legal_days"]) == (4, -1)
    assert (told["requests_overdue"], told["requests_late"]) == (1, 1)
    assert told['requests_open{state="confirming",kind="erasure"}'] == 1


def test_calls_count_for_five_minutes(previewed_request):
    request = previewed_request()
    batch = make_batch(request, subscription_id=request.subscriptions.get().pk, target_ids=[])
    for verdict, minutes in ((Verdict.OK, 9), (Verdict.OK, 1), (Verdict.LOST, 1), ("", 0)):
        at = clock.now() - dt.timedelta(minutes=minutes)
        Call.objects.create(
            batch=batch,
            endpoint="bulk",
            count=1,
            digest="0" * 64,
            lease_token="0",
            verdict=verdict,
            intended_at=at,
        )

    recent = {name: value for name, value in said().items() if name.startswith("calls_recent")}

    assert recent == {f'calls_recent{{verdict="{each}"}}': 1 for each in ("ok", "lost", "none_yet")}


def test_what_needs_a_person_is_told_by_its_reason_also_where_there_is_none(previewed_request):
    request = previewed_request()
    raise_attention(
        request=request, subscription=request.subscriptions.get(), reason=Attention.Reason.NOT_PAID
    )

    told = said()

    assert told['attention_open{reason="not_paid"}'] == 1
    assert told['attention_open{reason="no_answer"}'] == 0


def test_it_costs_the_same_however_much_there_is(previewed_request):
    def queries():
        with CaptureQueriesContext(connection) as found:
            metrics.exposition()
        return len(found)

    previewed_request()
    few = queries()
    previewed_request(), previewed_request(), previewed_request()

    assert queries() == few < 30


# -- The sample rules ----------------------------------------------------------------------------------------


def test_the_rules_name_only_what_there_is_and_the_page_describes_all_of_it():
    there = {f"erasure_desk_{metric.name}" for metric in metrics.every_metric()}
    rules = Path("deploy/alerts.yml").read_text()
    page = Path("docs/metrics.md").read_text()

    assert set(NAME.findall(rules)) <= there
    assert {name for name in there if f"`{name.removeprefix('erasure_desk_')}" not in page} == set()


def test_the_rules_are_well_formed():
    yaml = pytest.importorskip("yaml")

    (group,) = yaml.safe_load(Path("deploy/alerts.yml").read_text())["groups"]

    names = [rule["alert"] for rule in group["rules"]]
    assert len(names) == len(set(names)) > 10
    for rule in group["rules"]:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert set(rule["annotations"]) == {"summary"}
        assert rule["labels"]["severity"] in {"warning", "critical"}
