"""Every answer of the simulator against botocore's model of the service: nothing unknown, nothing misshapen, nothing left out."""

import json
import re

import botocore.session
import pytest
from botocore.exceptions import ClientError
from conftest import MANAGEMENT_ACCOUNT, client

AI = "AISERVICES_OPT_OUT_POLICY"
OPT_OUT = json.dumps({"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}})

OPERATIONS = """
    AttachPolicy CloseAccount CreateAccount CreateOrganization CreateOrganizationalUnit CreatePolicy DeleteOrganizationalUnit DeletePolicy
    DeleteResourcePolicy DeregisterDelegatedAdministrator DescribeAccount DescribeCreateAccountStatus DescribeEffectivePolicy
    DescribeOrganization DescribeOrganizationalUnit DescribePolicy DescribeResourcePolicy DetachPolicy DisablePolicyType EnablePolicyType
    LeaveOrganization ListAccounts ListAccountsForParent ListAccountsWithInvalidEffectivePolicy ListChildren ListDelegatedAdministrators
    ListDelegatedServicesForAccount ListEffectivePolicyValidationErrors ListOrganizationalUnitsForParent ListParents ListPolicies
    ListPoliciesForTarget ListRoots ListTagsForResource ListTargetsForPolicy MoveAccount PutResourcePolicy RegisterDelegatedAdministrator
    RemoveAccountFromOrganization TagResource UntagResource UpdateOrganizationalUnit UpdatePolicy
""".split()

# Members that these answers have no reason to carry.
ABSENT = {
    "CreateAccount.CreateAccountStatus.AccountId": "only known when the account is there",
    "CreateAccount.CreateAccountStatus.CompletedTimestamp": "only known when the account is there",
    "CreateAccount.CreateAccountStatus.FailureReason": "only known when it failed",
    "CreateAccount.CreateAccountStatus.GovCloudAccountId": "no GovCloud",
    "DescribeCreateAccountStatus.CreateAccountStatus.GovCloudAccountId": "no GovCloud",
    "ListParents.NextToken": "one parent each",
    "ListRoots.NextToken": "one root",
    "ListAccountsWithInvalidEffectivePolicy.NextToken": "none can be made invalid from outside",
    "ListAccountsWithInvalidEffectivePolicy.Accounts[]": "none can be made invalid from outside",
    "ListEffectivePolicyValidationErrors.NextToken": "none can be made invalid from outside",
    "ListEffectivePolicyValidationErrors.EffectivePolicyValidationErrors[]": "none can be made invalid from outside",
    "ListEffectivePolicyValidationErrors.Path": "only there while there are errors",
    "ListEffectivePolicyValidationErrors.EvaluationTimestamp": "only there while there are errors",
}


class Inspector:
    """Looks at each raw answer while boto3 receives it."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.problems = []
        self.operations = set()
        self.members = set()

    def client(self, access_key="test"):
        organizations = client(self.endpoint, access_key=access_key)
        organizations.meta.events.register("after-call.organizations", self.inspect)
        return organizations

    def inspect(self, http_response, model, **_):
        body = json.loads(http_response.content or b"{}")
        if http_response.status_code == 200:
            self.operations.add(model.name)
            if model.output_shape:
                self.check(body, model.output_shape, model.name)
            elif body:
                self.problems.append(f"{model.name} answers {body}, the model has no output")
        else:
            self.check_error(body, model)

    def check_error(self, body, model):
        code = body.get("__type")
        shape = next((error for error in model.error_shapes if error.name == code), None)
        if shape is None:
            self.problems.append(f"{model.name} cannot answer {code}")
            return
        # The wire carries more in a Reason than the model has in its list: what it is about follows after a colon.
        content = {key: value.split(":")[0] if key == "Reason" else value for key, value in body.items() if key != "__type"}
        self.check(content, shape, f"{model.name}!{code}")

    def check(self, value, shape, path):
        self.members.add(path)
        getattr(self, f"check_{shape.type_name}")(value, shape, path)

    def check_structure(self, value, shape, path):
        if not self.expect(isinstance(value, dict), path, "an object", value):
            return
        for member in sorted(set(value) - set(shape.members)):
            self.problems.append(f"{path}.{member} is not in the model")
        for member in sorted(set(shape.required_members) - set(value)):
            self.problems.append(f"{path}.{member} is required")
        for member, content in value.items():
            if member in shape.members:
                self.check(content, shape.members[member], f"{path}.{member}")

    def check_list(self, value, shape, path):
        if self.expect(isinstance(value, list), path, "a list", value):
            for item in value:
                self.check(item, shape.member, f"{path}[]")

    def check_string(self, value, shape, path):
        if not self.expect(isinstance(value, str), path, "a text", value):
            return
        limits = shape.metadata
        if shape.enum:
            self.expect(value in shape.enum, path, f"one of {shape.enum}", value)
        self.expect(limits.get("min", 0) <= len(value) <= limits.get("max", len(value)), path, f"of a length in {limits}", value)
        pattern = limits.get("pattern")
        # Python's re has no \p{...}; only tags use it.
        if pattern and "\\p{" not in pattern:
            self.expect(re.search(pattern, value), path, f"like {pattern}", value)

    def check_timestamp(self, value, shape, path):
        self.expect(isinstance(value, (int, float)) and 1.5e9 < value < 5e9, path, "epoch seconds", value)

    def check_boolean(self, value, shape, path):
        self.expect(isinstance(value, bool), path, "a boolean", value)

    def check_integer(self, value, shape, path):
        self.expect(isinstance(value, int), path, "an integer", value)

    def expect(self, condition, path, wanted, value):
        if not condition:
            self.problems.append(f"{path} should be {wanted}, is {value!r}")
        return condition


def tour(organizations, client_of):
    """Calls every operation, most of them so that all members of the answer are filled."""
    tags = [{"Key": "owner", "Value": "security"}, {"Key": "stage", "Value": "all"}]
    organizations.create_organization(FeatureSet="ALL")
    organizations.describe_organization()
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="TAG_POLICY")
    organizations.enable_policy_type(RootId=root, PolicyType=AI)
    organizations.list_roots()

    units = [organizations.create_organizational_unit(ParentId=root, Name=name)["OrganizationalUnit"]["Id"] for name in ("A", "B")]
    organizations.describe_organizational_unit(OrganizationalUnitId=units[0])
    organizations.list_organizational_units_for_parent(ParentId=root, MaxResults=1)
    organizations.list_parents(ChildId=units[0])
    organizations.list_children(ParentId=root, ChildType="ORGANIZATIONAL_UNIT", MaxResults=1)

    accounts = []
    for name, email in [("New", "new@example.com"), ("Again", "again@example.com"), ("Taken", "new@example.com")]:
        request = organizations.create_account(AccountName=name, Email=email)["CreateAccountStatus"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])["CreateAccountStatus"]
        if "AccountId" in status:
            accounts.append(status["AccountId"])
            organizations.move_account(AccountId=accounts[-1], SourceParentId=root, DestinationParentId=units[0])
    account = accounts[-1]
    organizations.describe_account(AccountId=account)
    organizations.list_accounts(MaxResults=1)
    organizations.list_accounts_for_parent(ParentId=units[0], MaxResults=1)

    for member in accounts:
        for service in ("config.amazonaws.com", "ram.amazonaws.com"):
            organizations.register_delegated_administrator(AccountId=member, ServicePrincipal=service)
    organizations.list_delegated_administrators(MaxResults=1)
    organizations.list_delegated_services_for_account(AccountId=account, MaxResults=1)
    for member in accounts:
        for service in ("config.amazonaws.com", "ram.amazonaws.com"):
            organizations.deregister_delegated_administrator(AccountId=member, ServicePrincipal=service)
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "organizations:List*", "Resource": "*"}
    organizations.put_resource_policy(Content=json.dumps({"Version": "2012-10-17", "Statement": statement}), Tags=tags)
    organizations.describe_resource_policy()
    client_of(account).list_roots()
    organizations.delete_resource_policy()

    policies = []
    for name in ("first", "second"):
        created = organizations.create_policy(Name=name, Description="why", Type=AI, Content=OPT_OUT, Tags=tags)
        policies.append(created["Policy"]["PolicySummary"]["Id"])
        for target in (root, units[0], account):
            organizations.attach_policy(PolicyId=policies[-1], TargetId=target)
    policy = policies[0]
    organizations.describe_policy(PolicyId=policy)
    organizations.list_policies(Filter=AI, MaxResults=1)
    organizations.list_policies_for_target(TargetId=root, Filter=AI, MaxResults=1)
    organizations.list_targets_for_policy(PolicyId=policy, MaxResults=1)
    organizations.list_targets_for_policy(PolicyId=policy)
    organizations.update_policy(PolicyId=policy, Name="renamed", Description="new", Content=OPT_OUT)
    organizations.update_policy(PolicyId=policy)
    organizations.describe_effective_policy(PolicyType=AI, TargetId=account)
    organizations.list_accounts_with_invalid_effective_policy(PolicyType=AI)
    organizations.list_effective_policy_validation_errors(AccountId=account, PolicyType=AI)
    organizations.detach_policy(PolicyId=policy, TargetId=root)

    for resource in (root, units[0], account, policy):
        organizations.tag_resource(ResourceId=resource, Tags=[{"Key": f"key {number}", "Value": ""} for number in range(25)])
        organizations.list_tags_for_resource(ResourceId=resource)
        organizations.untag_resource(ResourceId=resource, TagKeys=["key 1"])
    organizations.disable_policy_type(RootId=root, PolicyType=AI)
    organizations.delete_policy(PolicyId=policy)

    organizations.update_organizational_unit(OrganizationalUnitId=units[1], Name="C")
    organizations.delete_organizational_unit(OrganizationalUnitId=units[1])
    organizations.close_account(AccountId=accounts[0])
    organizations.describe_account(AccountId=accounts[0])
    organizations.remove_account_from_organization(AccountId=accounts[0])
    client_of(account).leave_organization()


@pytest.fixture
def inspected(simulator):
    inspector = Inspector(simulator)
    return inspector.client(), inspector


def test_every_answer_has_the_shape_of_the_model(inspected):
    organizations, inspector = inspected
    tour(organizations, inspector.client)
    assert inspector.problems == []
    assert sorted(inspector.operations) == sorted(OPERATIONS)


def test_no_member_of_the_model_is_left_out(inspected):
    organizations, inspector = inspected
    tour(organizations, inspector.client)
    model = botocore.session.get_session().get_service_model("organizations")
    promised = {path for name in OPERATIONS for path in members(model.operation_model(name).output_shape, name)}
    missing = {path for path in promised - inspector.members if not any(path.startswith(absent) for absent in ABSENT)}
    assert sorted(missing) == []


def members(shape, path):
    """Every path that an output can have."""
    if shape is None:
        return
    yield path
    if shape.type_name == "structure":
        for member, content in shape.members.items():
            yield from members(content, f"{path}.{member}")
    elif shape.type_name == "list":
        yield from members(shape.member, f"{path}[]")


ROOT, POLICY = "r-zzzz", "p-1234567890"

REFUSED = [
    ("list_roots", {"MaxResults": 0}),
    ("list_roots", {"MaxResults": 21}),
    ("list_accounts", {"NextToken": ""}),
    ("enable_policy_type", {"RootId": ROOT, "PolicyType": AI}),
    ("enable_policy_type", {"RootId": ROOT, "PolicyType": "NONSENSE"}),
    ("enable_policy_type", {"RootId": "nonsense", "PolicyType": AI}),
    ("enable_policy_type", {"PolicyType": AI}),
    ("disable_policy_type", {"RootId": ROOT, "PolicyType": AI}),
    ("create_policy", {"Name": "a", "Description": "", "Type": AI, "Content": "{}"}),
    ("create_policy", {"Name": "a", "Description": "", "Type": AI, "Content": OPT_OUT.ljust(2501)}),
    ("create_policy", {"Name": "a" * 129, "Description": "", "Type": AI, "Content": OPT_OUT}),
    ("create_policy", {"Name": "", "Description": "", "Type": AI, "Content": OPT_OUT}),
    ("update_policy", {"PolicyId": POLICY}),
    ("delete_policy", {"PolicyId": POLICY}),
    ("delete_policy", {"PolicyId": "nonsense"}),
    ("attach_policy", {"PolicyId": POLICY, "TargetId": ROOT}),
    ("attach_policy", {"PolicyId": POLICY, "TargetId": "nonsense"}),
    ("describe_effective_policy", {"PolicyType": AI}),
    ("describe_effective_policy", {"PolicyType": "SERVICE_CONTROL_POLICY"}),
    ("describe_effective_policy", {"PolicyType": AI, "TargetId": "999999999999"}),
    ("list_policies_for_target", {"TargetId": ROOT, "Filter": AI}),
    ("list_targets_for_policy", {"PolicyId": POLICY}),
    ("describe_account", {"AccountId": "999999999999"}),
    ("describe_organizational_unit", {"OrganizationalUnitId": "ou-zzzz-12345678"}),
    ("list_children", {"ParentId": ROOT, "ChildType": "ACCOUNT"}),
    ("list_parents", {"ChildId": "999999999999"}),
    ("describe_create_account_status", {"CreateAccountRequestId": "car-12345678"}),
    ("tag_resource", {"ResourceId": ROOT, "Tags": [{"Key": "aws:a", "Value": ""}]}),
    ("tag_resource", {"ResourceId": ROOT, "Tags": []}),
    ("create_organization", {}),
    ("remove_account_from_organization", {"AccountId": "999999999999"}),
    ("remove_account_from_organization", {"AccountId": MANAGEMENT_ACCOUNT}),
    ("leave_organization", {}),
    ("close_account", {"AccountId": "999999999999"}),
    ("close_account", {"AccountId": MANAGEMENT_ACCOUNT}),
    ("update_organizational_unit", {"OrganizationalUnitId": "ou-zzzz-12345678", "Name": "a"}),
    ("delete_organizational_unit", {"OrganizationalUnitId": "ou-zzzz-12345678"}),
    ("register_delegated_administrator", {"AccountId": MANAGEMENT_ACCOUNT, "ServicePrincipal": "config.amazonaws.com"}),
    ("register_delegated_administrator", {"AccountId": "999999999999", "ServicePrincipal": "config.amazonaws.com"}),
    ("register_delegated_administrator", {"AccountId": "999999999999", "ServicePrincipal": "not a service"}),
    ("deregister_delegated_administrator", {"AccountId": MANAGEMENT_ACCOUNT, "ServicePrincipal": "config.amazonaws.com"}),
    ("list_delegated_services_for_account", {"AccountId": MANAGEMENT_ACCOUNT}),
    ("put_resource_policy", {"Content": "{"}),
    ("put_resource_policy", {"Content": ""}),
    ("describe_resource_policy", {}),
    ("delete_resource_policy", {}),
    ("list_accounts_with_invalid_effective_policy", {"PolicyType": AI}),
    ("list_accounts_with_invalid_effective_policy", {"PolicyType": "NONSENSE"}),
    ("list_effective_policy_validation_errors", {"PolicyType": AI, "AccountId": MANAGEMENT_ACCOUNT}),
    ("list_effective_policy_validation_errors", {"PolicyType": AI, "AccountId": "999999999999"}),
    ("list_effective_policy_validation_errors", {"PolicyType": AI}),
]


@pytest.mark.parametrize("operation, arguments", REFUSED, ids=str)
def test_every_refusal_is_one_that_the_model_has_for_the_operation(operation, arguments, inspected):
    organizations, inspector = inspected
    organizations.create_organization()
    with pytest.raises(ClientError) as refusal:
        getattr(organizations, operation)(**arguments)
    assert inspector.problems == []
    assert refusal.value.response["Error"]["Message"]
