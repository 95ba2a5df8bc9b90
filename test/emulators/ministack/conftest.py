"""A ministack server, and accounts on it. ministack is an AWS emulator that this project did not write."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[3]
POLICY_TYPE = "AISERVICES_OPT_OUT_POLICY"
REGION = "us-east-1"
# Seconds. Generous: a timeout only ends a run that hangs.
PATIENCE = 300

account_numbers = itertools.count(111122220000)


class Account:
    """The management account of an organization of its own: ministack keeps one organization for each account."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.id = str(next(account_numbers))
        self.organizations = self.client("organizations")
        self.organization_id = self.organizations.describe_organization()["Organization"]["Id"]
        self.root_id = self.root["Id"]

    @property
    def credentials(self):
        """ministack takes an access key of twelve digits for the account id."""
        return {"aws_access_key_id": self.id, "aws_secret_access_key": "secret"}

    def client(self, service):
        config = Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE)
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, config=config, **self.credentials)

    @property
    def root(self):
        [root] = self.organizations.list_roots()["Roots"]
        return root

    @property
    def policy_type(self):
        """The status of the policy type on the root. AWS does not list a disabled type."""
        return next((entry["Status"] for entry in self.root["PolicyTypes"] if entry["Type"] == POLICY_TYPE), "DISABLED")

    def enable_policy_type(self):
        self.organizations.enable_policy_type(RootId=self.root_id, PolicyType=POLICY_TYPE)

    def disable_policy_type(self):
        self.organizations.disable_policy_type(RootId=self.root_id, PolicyType=POLICY_TYPE)

    def create_policy(self, name, document):
        created = self.organizations.create_policy(Name=name, Description="", Type=POLICY_TYPE, Content=json.dumps(document))
        return created["Policy"]["PolicySummary"]["Id"]

    def policies_on(self, target):
        """The documents of the policies that are attached to a target, by name."""
        attached = self.organizations.list_policies_for_target(TargetId=target, Filter=POLICY_TYPE)["Policies"]
        described = [self.organizations.describe_policy(PolicyId=policy["Id"])["Policy"] for policy in attached]
        return {policy["PolicySummary"]["Name"]: json.loads(policy["Content"]) for policy in described}


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory):
    """The endpoint of a ministack server that is stopped at the end, also when pytest is terminated."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))
    folder = tmp_path_factory.mktemp("ministack")
    log = folder / "ministack.log"
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        # Code of functions and process id: nothing is left behind.
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        # Those that the tests use, and those that the monitor's template has resources of.
        "SERVICES": "cloudformation,cloudwatch,events,iam,lambda,logs,organizations,s3,sqs,ssm,sts",
        # This listener would take a fixed port.
        "IOT_MTLS_ENABLED": "0",
        # Functions run in `node` from PATH. The Lambda runtime has the SDK; here it is this project's.
        "NODE_PATH": str(ROOT / "node_modules"),
    }
    with log.open("w") as output:
        # A process group of its own, so that the functions' processes are stopped with it.
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process, log)
        yield url
    finally:
        stop(process)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(url, process, log):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"ministack ended with code {process.returncode}:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{url}/_ministack/ready", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"ministack is not ready after {PATIENCE} s:\n{log.read_text()}")


def stop(process):
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # Also what SIGTERM did not end.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


@pytest.fixture
def account(endpoint):
    """An account with an organization that is as new."""
    return Account(endpoint)
