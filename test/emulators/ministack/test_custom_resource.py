"""
Deploys the template with ministack's CloudFormation and its Lambda, which run the template's own function code.

ministack does not know AWS::Organizations::Policy. So that resource is taken out, and the tests call what CloudFormation would call for it.
"""

import pytest
from botocore.exceptions import ClientError
from stacks import POLICY, POLICY_TYPE_RESOURCE, Deployment, policy_of, synthesize, without_policy


@pytest.fixture(scope="session")
def template():
    return synthesize()


@pytest.fixture(scope="session")
def document(template):
    """The document of the opt-out policy."""
    return policy_of(template)[1]["Content"]


def opt_in(service):
    return {"services": {service: {"opt_out_policy": {"@@assign": "optIn"}}}}


def test_only_the_policy_and_its_output_are_taken_out(template):
    rest = without_policy(template)
    assert [*template["Resources"].keys() - rest["Resources"].keys()] == [policy_of(template)[0]]
    assert [*template["Outputs"].keys() - rest["Outputs"].keys()] == ["PolicyId"]
    assert sorted(resource["Type"] for resource in rest["Resources"].values()) == [
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        POLICY_TYPE_RESOURCE,
    ]


def test_fails_with_the_whole_template_because_ministack_does_not_know_the_policy_resource(account, template):
    # A version of ministack that deploys it makes `without_policy` unnecessary.
    with pytest.raises(ClientError, match=rf"Unrecognized resource types: \[{POLICY}\]"):
        Deployment(account, template)


def test_enables_the_policy_type_and_leaves_it_enabled_after_deletion(account, template, document):
    assert account.policy_type == "DISABLED"

    stack = Deployment(account, without_policy(template))
    assert stack.status == "CREATE_COMPLETE", stack.events
    assert account.policy_type == "ENABLED"
    assert stack.physical_id(POLICY_TYPE_RESOURCE) == f"{account.organization_id}/{account.id}/{account.root_id}"
    assert stack.outputs["TargetIds"] == account.root_id
    calls = stack.calls()
    # Without repetitions: a slow machine leads to retries.
    assert [*dict.fromkeys(calls)] == ["DescribeOrganization", "ListRoots", "ListPolicies", "EnablePolicyType", "ListPoliciesForTarget"]
    assert stack.log()[-1]["Status"] == "SUCCESS"

    # The policy resource follows the custom resource. ministack, like AWS, attaches no policy of a disabled type.
    name = stack.outputs["PolicyName"]
    policy_id = account.create_policy(name, document)
    account.organizations.attach_policy(PolicyId=policy_id, TargetId=stack.outputs["TargetIds"])

    stack.update(PolicyName="Renamed")
    assert stack.status == "UPDATE_COMPLETE", stack.events
    assert stack.outputs["PolicyName"] == "Renamed"
    assert set(stack.calls()[len(calls):]) == {"ListRoots", "ListPolicies", "ListPoliciesForTarget"}
    account.organizations.update_policy(PolicyId=policy_id, Name="Renamed")

    stack.delete()
    assert stack.status == "DELETE_COMPLETE", stack.events
    assert [status for status, _ in stack.events][-1] == "DELETE_COMPLETE"
    assert account.policy_type == "ENABLED"
    assert account.policies_on(account.root_id) == {"Renamed": document}


def test_fails_before_it_changes_anything_if_the_policy_name_is_taken(account, template, document):
    policy_id = account.create_policy("Taken", document)
    stack = Deployment(account, without_policy(template), PolicyName="Taken")
    assert stack.status == "ROLLBACK_COMPLETE", stack.events
    assert policy_id in stack.failure
    assert '"Taken"' in stack.failure
    assert account.policy_type == "DISABLED"


def test_fails_if_a_policy_on_the_root_overrides_ours(account, template):
    account.enable_policy_type()
    peer = account.create_policy("LexIsUsed", opt_in("lex"))
    account.organizations.attach_policy(PolicyId=peer, TargetId=account.root_id)
    stack = Deployment(account, without_policy(template))
    assert stack.status == "ROLLBACK_COMPLETE", stack.events
    for part in [account.root_id, "lex", "LexIsUsed", "optIn"]:
        assert part in stack.failure


def test_fails_an_update_after_the_policy_type_was_disabled_and_can_be_updated_again(account, template, document):
    account.enable_policy_type()
    stack = Deployment(account, without_policy(template))
    assert stack.status == "CREATE_COMPLETE", stack.events
    policy_id = account.create_policy(stack.outputs["PolicyName"], document)

    account.disable_policy_type()
    stack.update(PolicyName="Renamed")
    # The function fails the update and succeeds in the rollback: UPDATE_ROLLBACK_FAILED would lock the stack.
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE", stack.events
    assert f"enable-policy-type --root-id {account.root_id}" in stack.failure
    assert f"attach-policy --policy-id {policy_id} --target-id {account.root_id}" in stack.failure
    assert account.policy_type == "DISABLED"

    account.enable_policy_type()
    account.organizations.attach_policy(PolicyId=policy_id, TargetId=account.root_id)
    stack.update(PolicyName="Renamed")
    assert stack.status == "UPDATE_COMPLETE", stack.events


def test_deploys_with_the_monitor(account):
    account.enable_policy_type()
    template = synthesize("--monitor")
    rest = without_policy(template)
    assert [*template["Resources"].keys() - rest["Resources"].keys()] == [policy_of(template)[0]]
    stack = Deployment(account, rest)
    assert stack.status == "CREATE_COMPLETE", stack.events
