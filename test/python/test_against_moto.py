"""The simulator beside moto: the same where moto behaves like AWS, and different exactly where moto is known not to."""

import json

import pytest
from botocore.exceptions import ClientError
from conftest import client

AI = "AISERVICES_OPT_OUT_POLICY"
OPT_OUT = json.dumps({"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}})
UNKNOWN_ROOT = "r-zzzz"
UNKNOWN_ACCOUNT = "999999999999"
GUARD_DUTY = "guardduty.amazonaws.com"

# What AWS has added to its answers since moto learned them.
NEWER_MEMBERS = {"State", "Paths", "Path"}


class Script:
    """Calls one server and keeps what came of each call: an error code, or the answer."""

    def __init__(self, endpoint):
        self.organizations = client(endpoint)
        self.outcomes = []

    def __getattr__(self, operation):
        def call(**arguments):
            try:
                answer = getattr(self.organizations, operation)(**arguments)
                answer.pop("ResponseMetadata")
            except ClientError as error:
                answer = error.response["Error"]["Code"]
            self.outcomes.append((operation, answer))
            return answer

        return call

    @property
    def last(self):
        """The last call's error code, or `ok`."""
        _, answer = self.outcomes[-1]
        return answer if isinstance(answer, str) else "ok"

    def organization(self, feature_set="ALL"):
        """Starts an organization, unrecorded, and answers its root's id."""
        self.organizations.create_organization(FeatureSet=feature_set)
        return self.organizations.list_roots()["Roots"][0]["Id"]

    def policy(self, name="opt-out", content=OPT_OUT, type=AI):
        """Creates a policy and answers its id."""
        created = self.create_policy(Name=name, Description="", Type=type, Content=content)
        return created["Policy"]["PolicySummary"]["Id"] if isinstance(created, dict) else None

    def account(self, name="member"):
        """Creates an account, unrecorded, and answers its id."""
        request = self.organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["Id"]
        status = self.organizations.describe_create_account_status(CreateAccountRequestId=request)
        return status["CreateAccountStatus"]["AccountId"]

    def enabled(self):
        """An organization with the type enabled; answers its root's id."""
        root = self.organization()
        self.enable_policy_type(RootId=root, PolicyType=AI)
        return root


def before_create_organization(script):
    script.describe_organization()
    script.list_roots()


def enabling(script):
    root = script.organization()
    script.list_roots()
    script.enable_policy_type(RootId=root, PolicyType=AI)
    script.enable_policy_type(RootId=root, PolicyType=AI)
    script.list_roots()
    script.disable_policy_type(RootId=root, PolicyType=AI)
    script.disable_policy_type(RootId=root, PolicyType=AI)
    script.list_roots()


def enabling_nonsense(script):
    root = script.organization()
    script.enable_policy_type(RootId=UNKNOWN_ROOT, PolicyType=AI)
    script.enable_policy_type(RootId=root, PolicyType="NONSENSE")


def the_life_of_a_policy(script):
    root = script.organization()
    policy = script.policy()
    script.describe_policy(PolicyId=policy)
    script.list_policies(Filter=AI)
    script.enable_policy_type(RootId=root, PolicyType=AI)
    script.attach_policy(PolicyId=policy, TargetId=root)
    script.list_targets_for_policy(PolicyId=policy)
    script.list_policies_for_target(TargetId=root, Filter=AI)
    script.delete_policy(PolicyId=policy)
    script.update_policy(PolicyId=policy, Name="renamed", Description="new", Content=OPT_OUT)
    script.detach_policy(PolicyId=policy, TargetId=root)
    script.list_targets_for_policy(PolicyId=policy)
    script.delete_policy(PolicyId=policy)
    script.describe_policy(PolicyId=policy)


def the_same_name_twice(script):
    script.organization()
    script.policy("ours")
    script.policy("ours")


def unknown_policies(script):
    root = script.organization()
    script.describe_policy(PolicyId="p-1234567890")
    script.delete_policy(PolicyId="p-1234567890")
    script.update_policy(PolicyId="p-1234567890", Name="any")
    script.attach_policy(PolicyId="p-1234567890", TargetId=root)


def units(script):
    root = script.organization()
    unit = script.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    script.describe_organizational_unit(OrganizationalUnitId=unit)
    script.describe_organizational_unit(OrganizationalUnitId="ou-zzzz-12345678")
    script.list_organizational_units_for_parent(ParentId=root)
    script.list_parents(ChildId=unit)
    script.list_children(ParentId=root, ChildType="ORGANIZATIONAL_UNIT")


def accounts(script):
    root = script.organization()
    status = script.organizations.create_account(AccountName="Member", Email="member@example.com")["CreateAccountStatus"]
    account = script.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]["AccountId"]
    unit = script.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    script.describe_account(AccountId=account)
    script.describe_account(AccountId=UNKNOWN_ACCOUNT)
    script.list_accounts()
    script.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    script.list_parents(ChildId=account)
    script.list_accounts_for_parent(ParentId=unit)
    script.list_children(ParentId=unit, ChildType="ACCOUNT")


def renaming_and_deleting_units(script):
    root = script.organization()
    unit = script.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    script.update_organizational_unit(OrganizationalUnitId=unit, Name="Renamed")
    script.describe_organizational_unit(OrganizationalUnitId=unit)
    script.delete_organizational_unit(OrganizationalUnitId=unit)
    script.describe_organizational_unit(OrganizationalUnitId=unit)
    script.list_organizational_units_for_parent(ParentId=root)


def delegation(script):
    script.organization()
    account = script.account()
    script.register_delegated_administrator(AccountId=account, ServicePrincipal=GUARD_DUTY)
    script.register_delegated_administrator(AccountId=account, ServicePrincipal=GUARD_DUTY)
    management = script.organizations.describe_organization()["Organization"]["MasterAccountId"]
    script.register_delegated_administrator(AccountId=management, ServicePrincipal=GUARD_DUTY)
    script.list_delegated_administrators()
    script.list_delegated_services_for_account(AccountId=account)
    script.deregister_delegated_administrator(AccountId=account, ServicePrincipal=GUARD_DUTY)
    script.deregister_delegated_administrator(AccountId=account, ServicePrincipal=GUARD_DUTY)
    script.list_delegated_administrators()
    script.list_delegated_services_for_account(AccountId=account)


def accounts_that_go(script):
    script.organization()
    closed, removed = script.account("closed"), script.account("removed")
    script.close_account(AccountId=closed)
    script.remove_account_from_organization(AccountId=removed)
    script.describe_account(AccountId=removed)


def tags(script):
    root = script.organization()
    script.tag_resource(ResourceId=root, Tags=[{"Key": "owner", "Value": "security"}])
    script.list_tags_for_resource(ResourceId=root)
    script.untag_resource(ResourceId=root, TagKeys=["owner"])
    script.list_tags_for_resource(ResourceId=root)


SAME = [
    before_create_organization, enabling, enabling_nonsense, the_life_of_a_policy, the_same_name_twice, unknown_policies, units, accounts, tags,
    renaming_and_deleting_units, delegation, accounts_that_go,
]


@pytest.mark.parametrize("scene", SAME, ids=lambda scene: scene.__name__)
def test_the_simulator_answers_as_moto_does(scene, simulator, moto):
    ours, theirs = Script(simulator), Script(moto)
    scene(ours)
    scene(theirs)
    assert [(operation, form(answer)) for operation, answer in ours.outcomes] == [
        (operation, form(answer)) for operation, answer in theirs.outcomes
    ]


def form(answer):
    """An error code as it is; of an answer which members it has, of which types, and how many of each."""
    if isinstance(answer, dict):
        return {member: form(value) for member, value in sorted(answer.items()) if member not in NEWER_MEMBERS}
    if isinstance(answer, list):
        return [form(item) for item in answer]
    return answer if isinstance(answer, str) and answer.endswith("Exception") else type(answer).__name__


def accounts_before_create_organization(script):
    script.list_accounts()


def two_units_of_the_same_name(script):
    root = script.organization()
    script.create_organizational_unit(ParentId=root, Name="Workloads")
    script.create_organizational_unit(ParentId=root, Name="Workloads")


def consolidated_billing(script):
    root = script.organization("CONSOLIDATED_BILLING")
    script.enable_policy_type(RootId=root, PolicyType=AI)


def malformed_content(script):
    script.organization()
    script.policy(content='{"services": 1}')


def unknown_service_key(script):
    script.organization()
    script.policy(content=OPT_OUT.replace("default", "s3"))


def content_too_long(script):
    script.organization()
    script.policy(content=OPT_OUT.ljust(2501))


def same_name_other_type(script):
    script.organization()
    script.policy("ours")
    script.policy("ours", "{}", "TAG_POLICY")


def attaching_while_disabled(script):
    root = script.organization()
    script.attach_policy(PolicyId=script.policy(), TargetId=root)


def attaching_twice(script):
    root = script.enabled()
    policy = script.policy()
    script.attach_policy(PolicyId=policy, TargetId=root)
    script.attach_policy(PolicyId=policy, TargetId=root)


def a_sixth_policy(script):
    root = script.enabled()
    for number in range(6):
        script.attach_policy(PolicyId=script.policy(f"policy {number}"), TargetId=root)


def attaching_to_an_unknown_root(script):
    script.enabled()
    script.attach_policy(PolicyId=script.policy(), TargetId=UNKNOWN_ROOT)


def attaching_to_an_unknown_account(script):
    script.enabled()
    script.attach_policy(PolicyId=script.policy(), TargetId=UNKNOWN_ACCOUNT)


def detaching_what_is_not_attached(script):
    root = script.enabled()
    script.detach_policy(PolicyId=script.policy(), TargetId=root)


def deleting_after_disabling(script):
    root = script.enabled()
    policy = script.policy()
    script.attach_policy(PolicyId=policy, TargetId=root)
    script.disable_policy_type(RootId=root, PolicyType=AI)
    script.delete_policy(PolicyId=policy)


DIFFERENT = [
    (accounts_before_create_organization, "AWSOrganizationsNotInUseException", "ok"),
    (two_units_of_the_same_name, "DuplicateOrganizationalUnitException", "ok"),
    (consolidated_billing, "PolicyTypeNotAvailableForOrganizationException", "ok"),
    (malformed_content, "MalformedPolicyDocumentException", "ok"),
    (unknown_service_key, "MalformedPolicyDocumentException", "ok"),
    (content_too_long, "ConstraintViolationException", "ok"),
    (same_name_other_type, "ok", "DuplicatePolicyException"),
    (attaching_while_disabled, "PolicyTypeNotEnabledException", "ok"),
    (attaching_twice, "DuplicatePolicyAttachmentException", "ok"),
    (a_sixth_policy, "ConstraintViolationException", "ok"),
    (attaching_to_an_unknown_root, "TargetNotFoundException", "OrganizationalUnitNotFoundException"),
    (attaching_to_an_unknown_account, "TargetNotFoundException", "AccountNotFoundException"),
    (detaching_what_is_not_attached, "PolicyNotAttachedException", "ok"),
    (deleting_after_disabling, "ok", "PolicyInUseException"),
]


@pytest.mark.parametrize("scene, aws, other", DIFFERENT, ids=[scene.__name__ for scene, _, _ in DIFFERENT])
def test_the_simulator_answers_as_aws_does_where_moto_does_not(scene, aws, other, simulator, moto):
    ours, theirs = Script(simulator), Script(moto)
    scene(ours)
    scene(theirs)
    assert ours.last == aws
    # When this fails, moto has learned something: move the scene to those that are the same.
    assert theirs.last == other


def test_the_simulator_pages_where_moto_does_not(simulator, moto):
    for endpoint, first_page in [(simulator, 20), (moto, 22)]:
        script = Script(endpoint)
        script.organization()
        for number in range(21):
            script.create_account(AccountName=f"Account {number}", Email=f"account-{number}@example.com")
        assert len(script.list_accounts()["Accounts"]) == first_page
