import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@pytest.fixture
def start(tmp_path):
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, str(MANAGE), "sandbox", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_its_address_serves_and_stops_cleanly(start, number):
    process = start("--port", "0", "--visitors", "100")
    url = process.stdout.readline().split()[-1]

    page = httpx.get(url, trust_env=False)
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)

    assert "100 visitors" in page.text
    assert (process.returncode, errors) == (0, "")


def test_a_taken_port_ends_the_command_with_one_clear_line(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("--port", str(taken.getsockname()[1]))
        output, errors = process.communicate(timeout=30)

    assert process.returncode == 1
    assert output == ""
    assert errors.count("\n") == 1
    assert "can't listen on" in errors
