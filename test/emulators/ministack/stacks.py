"""This project's template, and stacks of it on an account."""

import json
import subprocess
import time

from conftest import PATIENCE, ROOT

POLICY = "AWS::Organizations::Policy"
POLICY_TYPE_RESOURCE = "Custom::AiServicesOptOutPolicyType"
NAME = "OptOut"


def synthesize(*flags):
    """The template of the construct, with the real code of its functions."""
    command = ["node", "--import", "tsx", "test/cli/template/command.ts", "template", "--json", *flags]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def policy_of(template):
    [(policy_id, policy)] = [(key, resource) for key, resource in template["Resources"].items() if resource["Type"] == POLICY]
    return policy_id, policy["Properties"]


def without_policy(template):
    """
    Returns the template without the policy resource, which ministack does not know, and without everything that refers to it.

    The outputs `PolicyName` and `TargetIds` are what the policy's properties resolve to.
    """
    policy_id, policy = policy_of(template)

    references = [f'"Ref": "{policy_id}"', f'"Fn::GetAtt": ["{policy_id}"']

    def kept(section):
        return {
            key: value
            for key, value in template[section].items()
            if key != policy_id and not any(reference in json.dumps(value) for reference in references)
        }

    resolved = {"PolicyName": {"Value": policy["Name"]}, "TargetIds": {"Value": {"Fn::Join": [",", policy["TargetIds"]]}}}
    return {**template, "Resources": kept("Resources"), "Outputs": {**kept("Outputs"), **resolved}}


class Deployment:
    """A stack, and what became of it. Every operation waits until the stack has settled."""

    def __init__(self, account, template, **parameters):
        self._account = account
        self._cloudformation = account.client("cloudformation")
        self._url = upload(account, template)
        self.id = self._cloudformation.create_stack(**self._request(parameters))["StackId"]
        self._settle()

    def update(self, **parameters):
        self._cloudformation.update_stack(**self._request(parameters))
        self._settle()

    def delete(self):
        self._cloudformation.delete_stack(StackName=NAME)
        self._settle()

    @property
    def status(self):
        return self._describe()["StackStatus"]

    @property
    def outputs(self):
        return {output["OutputKey"]: output["OutputValue"] for output in self._describe()["Outputs"]}

    @property
    def events(self):
        """Statuses of the custom resource and their reasons, oldest first."""
        events = reversed(self._cloudformation.describe_stack_events(StackName=self.id)["StackEvents"])
        return [
            (event["ResourceStatus"], event.get("ResourceStatusReason", ""))
            for event in events
            if event["ResourceType"] == POLICY_TYPE_RESOURCE
        ]

    @property
    def failure(self):
        """The reason of the custom resource's only failure."""
        [reason] = [reason for status, reason in self.events if status.endswith("_FAILED")]
        return reason

    def physical_id(self, resource_type):
        """The physical id of the only resource of a type."""
        resources = self._cloudformation.describe_stack_resources(StackName=self.id)["StackResources"]
        [physical_id] = [resource["PhysicalResourceId"] for resource in resources if resource["ResourceType"] == resource_type]
        return physical_id

    def log(self):
        """What the function logged, oldest first."""
        events = self._account.client("logs").filter_log_events(logGroupName=self.physical_id("AWS::Logs::LogGroup"))["events"]
        return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]

    def calls(self):
        """The operations that the function called, by its log."""
        return [line["name"] for line in self.log() if line["step"] == "call"]

    def _request(self, parameters):
        return {
            "StackName": NAME,
            "TemplateURL": self._url,
            "Capabilities": ["CAPABILITY_IAM"],
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        }

    def _describe(self):
        [stack] = self._cloudformation.describe_stacks(StackName=self.id)["Stacks"]
        return stack

    def _settle(self):
        deadline = time.monotonic() + PATIENCE
        while self.status.endswith("_IN_PROGRESS"):
            assert time.monotonic() < deadline, f"the stack is {self.status} after {PATIENCE} s: {self.events}"
            time.sleep(0.2)


def upload(account, template):
    """Returns the URL of the template in a bucket: CloudFormation takes longer templates from there than in a request."""
    s3 = account.client("s3")
    bucket = f"templates-{account.id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="template.json", Body=json.dumps(template))
    return f"{account.endpoint}/{bucket}/template.json"
