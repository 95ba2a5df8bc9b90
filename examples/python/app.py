# pip install -r requirements.txt && npx aws-cdk synth
from aws_cdk import App, CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_sns as sns
from cdk_ai_services_opt_out import (
    AiService,
    AiServicesOptOut,
    AiServicesOptOutMonitor,
    ChildOverrides,
    OptOutScope,
)
from constructs import Construct


class AiOptOutStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        opt_out = AiServicesOptOut(
            self,
            "OptOut",
            services=OptOutScope.all_services(opt_in=[AiService.LEX]),
            child_overrides=ChildOverrides.allowed_for([AiService.POLLY]),
        )

        topic = sns.Topic(self, "Changes", enforce_ssl=True)
        AiServicesOptOutMonitor(
            self,
            "Monitor",
            repair=opt_out,
            notification_topic=topic,
            interval=Duration.hours(1),
        )

        CfnOutput(self, "PolicyId", value=opt_out.policy_id)


app = App()
# AWS reports changes of an organization in this Region only.
AiOptOutStack(app, "AiOptOut", env=Environment(region="us-east-1"))
app.synth()
