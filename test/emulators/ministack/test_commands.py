"""Runs the bundled command line against ministack's AWS Organizations."""

import os
import subprocess

import pytest
from conftest import REGION, ROOT

LOCKED = {"@@operators_allowed_for_child_policies": ["@@none"]}
EVERYTHING = {"services": {**LOCKED, "default": {**LOCKED, "opt_out_policy": {**LOCKED, "@@assign": "optOut"}}}}


@pytest.fixture
def run(account, tmp_path):
    """Runs `ai-opt-out` as an administrator of the account."""

    def run(*arguments):
        environment = {
            "PATH": os.environ["PATH"],
            # Without anybody's AWS configuration files.
            "HOME": str(tmp_path),
            "AWS_ENDPOINT_URL": account.endpoint,
            "AWS_REGION": REGION,
            **{key.upper(): value for key, value in account.credentials.items()},
        }
        return subprocess.run(["node", "bin/ai-opt-out", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def member(account):
    """The id of a member account in an organizational unit."""
    organizations = account.organizations
    unit = organizations.create_organizational_unit(ParentId=account.root_id, Name="Workloads")["OrganizationalUnit"]["Id"]
    created = organizations.create_account(Email="member@example.com", AccountName="Member")["CreateAccountStatus"]["AccountId"]
    organizations.move_account(AccountId=created, SourceParentId=account.root_id, DestinationParentId=unit)
    return created


def test_plan_names_the_calls_and_changes_nothing(account, member, run):
    done = run("plan", "--detailed-exitcode")
    assert done.returncode == 4, done.stderr
    for text in ["EnablePolicyType", "CreatePolicy", "AttachPolicy", account.id, member]:
        assert text in done.stdout
    assert account.policy_type == "DISABLED"


def test_apply_opts_the_organization_out_and_has_nothing_left_to_do(account, member, run):
    done = run("apply", "--yes")
    assert done.returncode == 0, done.stderr
    assert account.policy_type == "ENABLED"
    assert account.policies_on(account.root_id) == {"AiServicesOptOut": EVERYTHING}

    again = run("plan", "--detailed-exitcode")
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stdout


def test_verify_finds_accounts_not_opted_out_before(account, member, run):
    done = run("verify")
    assert done.returncode == 1, done.stderr
    for text in [account.id, member]:
        assert text in done.stdout


def test_verify_returns_unknown_afterwards_because_ministack_lacks_an_operation(account, run):
    # Whether effective policies are invalid is unknown here, so "opted out" would be wrong.
    account.enable_policy_type()
    policy_id = account.create_policy("AiServicesOptOut", EVERYTHING)
    account.organizations.attach_policy(PolicyId=policy_id, TargetId=account.root_id)
    done = run("verify")
    assert done.returncode == 2, done.stderr
    assert "Unknown: the status of 1 of 1 active account" in done.stdout
    assert "ListAccountsWithInvalidEffectivePolicy" in done.stdout
