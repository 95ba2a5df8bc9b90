"""Servers and clients for the tests that look at the simulator from outside: boto3, the AWS CLI and moto."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from importlib import metadata
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
REQUIREMENTS = HERE / "requirements.txt"

MANAGEMENT_ACCOUNT = "111122223333"


def pytest_sessionstart(session):
    """Says what to install instead of failing with an ImportError."""
    problems = []
    for line in REQUIREMENTS.read_text().split():
        name, wanted = line.split("==")
        name = re.sub(r"\[.*\]", "", name)
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "nothing"
        if found != wanted:
            problems.append(f"{name} {wanted} is needed, {found} is installed")
    if not problems:
        try:
            import moto.server  # noqa: F401
        except ImportError as error:
            problems.append(f"moto has no server: {error}")
    if problems:
        install = f"python3 -m pip install -r {REQUIREMENTS.relative_to(ROOT)}"
        pytest.exit("\n".join([*problems, f"Install them with: {install}"]), returncode=2)


@pytest.fixture(scope="session")
def simulator_process():
    """The endpoint of a simulator without an organization."""
    process = start(["npx", "tsx", "simulator/serve.ts", "--port", "0", "--empty"], stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    found = re.match(r"endpoint (http://\S+)$", line)
    if not found:
        stop(process)
        pytest.fail(f"the simulator's first line has no endpoint: {line!r}")
    yield found[1]
    stop(process)


@pytest.fixture(scope="session")
def moto_process():
    """The endpoint of a moto server."""
    port = free_port()
    process = start([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL)
    wait_for(port, process)
    yield f"http://127.0.0.1:{port}"
    stop(process)


@pytest.fixture
def simulator(simulator_process):
    """The endpoint of the simulator, emptied."""
    reset(simulator_process)
    return simulator_process


@pytest.fixture
def moto(moto_process):
    """The endpoint of moto, emptied."""
    reset(moto_process)
    return moto_process


def client(endpoint, service="organizations", access_key="test"):
    """A boto3 client that leaves all checks to the server."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key="secret",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def start(command, **options):
    # A process group of its own: npx does not pass a signal on to what it runs.
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True, **options)


def stop(process):
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=10)


def reset(endpoint):
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).read()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"moto ended with code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("moto does not answer")
