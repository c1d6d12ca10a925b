import pytest

from compliance.execution.health import beat

pytestmark = pytest.mark.django_db


def test_health_says_that_the_worker_is_silent_and_stays_well(client):
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "worker": "silent", "heartbeat_age": None}


def test_health_has_the_age_of_the_heartbeat(client):
    beat()

    answer = client.get("/healthz").json()

    assert answer["worker"] == "working"
    assert answer["heartbeat_age"] < 5
