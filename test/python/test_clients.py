"""boto3 and the AWS CLI take an organization from nothing to an effective opt-out on the simulator."""

import json
import os
import subprocess
import sys
import time

from conftest import MANAGEMENT_ACCOUNT, client

AI = "AISERVICES_OPT_OUT_POLICY"
OPT_OUT = json.dumps({"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}})
OPTED_OUT = {"services": {"default": {"opt_out_policy": "optOut"}}}


def until(read, expected, seconds=15):
    """Effective policies lag some seconds behind, here as in AWS."""
    deadline = time.monotonic() + seconds
    while (seen := read()) != expected and time.monotonic() < deadline:
        time.sleep(0.3)
    assert seen == expected


def test_boto3_opts_an_organization_out(simulator):
    organizations = client(simulator)
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
    assert organization["MasterAccountId"] == MANAGEMENT_ACCOUNT
    assert client(simulator, "sts").get_caller_identity()["Account"] == MANAGEMENT_ACCOUNT

    root = organizations.list_roots()["Roots"][0]
    assert root["PolicyTypes"] == []
    enabled = organizations.enable_policy_type(RootId=root["Id"], PolicyType=AI)["Root"]
    assert enabled["PolicyTypes"] == [{"Type": AI, "Status": "ENABLED"}]

    policy = organizations.create_policy(Name="opt-out", Description="", Type=AI, Content=OPT_OUT)["Policy"]
    organizations.attach_policy(PolicyId=policy["PolicySummary"]["Id"], TargetId=root["Id"])

    def effective():
        return json.loads(organizations.describe_effective_policy(PolicyType=AI)["EffectivePolicy"]["PolicyContent"])

    assert effective() == {}
    until(effective, OPTED_OUT)


def test_boto3_paginators_see_every_account_once(simulator):
    organizations = client(simulator)
    organizations.create_organization()
    for number in range(44):
        organizations.create_account(AccountName=f"Account {number}", Email=f"account-{number}@example.com")
    pages = list(organizations.get_paginator("list_accounts").paginate())
    assert [len(page["Accounts"]) for page in pages] == [20, 20, 5]
    assert len({account["Id"] for page in pages for account in page["Accounts"]}) == 45


def test_the_aws_cli_opts_an_organization_out(simulator, tmp_path):
    def aws(*arguments):
        # Nothing of the machine's own AWS configuration may leak in.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        environment |= {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        }
        command = [sys.executable, "-m", "awscli", "--endpoint-url", simulator, *arguments]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True)
        if finished.returncode:
            return finished.stderr.strip()
        return json.loads(finished.stdout) if finished.stdout.strip() else None

    assert "AWSOrganizationsNotInUseException" in aws("organizations", "list-roots")
    aws("organizations", "create-organization")
    assert aws("sts", "get-caller-identity")["Account"] == MANAGEMENT_ACCOUNT
    root = aws("organizations", "list-roots")["Roots"][0]["Id"]

    refused = aws("organizations", "describe-effective-policy", "--policy-type", AI)
    assert "(EffectivePolicyNotFoundException)" in refused
    aws("organizations", "enable-policy-type", "--root-id", root, "--policy-type", AI)
    created = aws(
        "organizations", "create-policy", "--name", "opt-out", "--description", "", "--type", AI, "--content", OPT_OUT,
    )
    policy = created["Policy"]["PolicySummary"]["Id"]
    assert aws("organizations", "attach-policy", "--policy-id", policy, "--target-id", root) is None
    listed = aws("organizations", "list-policies-for-target", "--target-id", root, "--filter", AI)
    assert [summary["Id"] for summary in listed["Policies"]] == [policy]

    def effective():
        return json.loads(aws("organizations", "describe-effective-policy", "--policy-type", AI)["EffectivePolicy"]["PolicyContent"])

    until(effective, OPTED_OUT)
