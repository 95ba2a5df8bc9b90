"""The same in every language: see README.md beside the folders. What changes here changes in all of them."""

import json
import os

from aws_cdk import App, BootstraplessSynthesizer, CfnOutput, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from cdk_ai_services_opt_out import (
    AiService,
    AiServicesOptOut,
    AiServicesOptOutConfigRule,
    AiServicesOptOutMonitor,
    AttachedOptOutPolicy,
    ChildOverrides,
    EffectiveOptOut,
    OptOutLevel,
    OptOutPolicyDocument,
    OptOutScope,
)

OUT = os.environ["CDK_OUTDIR"]
LEX_OPT_IN = '{"services":{"lex":{"opt_out_policy":{"@@assign":"optIn"}}}}'
MISTAKEN = '{\n  "services": {"lex": {"opt_out_policy": {"@@assign": "optout"}}}\n}'


def one_line(app):
    AiServicesOptOut(Stack(app, "OneLine"), "OptOut")


def every_prop(app):
    stack = Stack(app, "EveryProp")
    opt_out = AiServicesOptOut(
        stack,
        "OptOut",
        services=OptOutScope.all_services(opt_in=[AiService.LEX]),
        child_overrides=ChildOverrides.allowed_for([AiService.POLLY, AiService.of("newservice")]),
        target_ids=["ou-abcd-12345678", "111122223333"],
        policy_name="AiServicesOptOut",
        description="Opts out of everything but Lex — “for good”",
        removal_policy=RemovalPolicy.DESTROY,
        enablement_timeout=Duration.minutes(10),
        log_group=logs.LogGroup.from_log_group_name(stack, "LogGroup", "/governance/ai-opt-out"),
        role=iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/AiOptOut"),
    )
    outputs = {
        "PolicyId": opt_out.policy_id,
        "PolicyArn": opt_out.policy_arn,
        "PolicyName": opt_out.policy_name,
        "RootId": opt_out.root_id,
        "OrganizationId": opt_out.organization_id,
        "ManagementAccountId": opt_out.management_account_id,
        "Document": opt_out.document.to_string(),
    }
    for output_id, value in outputs.items():
        CfnOutput(stack, output_id, value=value)

    AiServicesOptOut(Stack(app, "Document"), "OptOut", document=OptOutPolicyDocument.from_json(LEX_OPT_IN))


def monitor_and_rule(app):
    stack = Stack(app, "MonitorAndRule", env=Environment(region="us-east-1"))
    topic = sns.Topic(stack, "Changes", enforce_ssl=True)
    log_group = logs.LogGroup(stack, "Logs", retention=logs.RetentionDays.ONE_YEAR)
    services = OptOutScope.services([AiService.REKOGNITION, AiService.TEXTRACT])
    monitor = AiServicesOptOutMonitor(
        stack,
        "Monitor",
        interval=Duration.hours(1),
        services=services,
        spot_checks=100,
        alarm_actions=[cloudwatch_actions.SnsAction(topic)],
        notification_topic=topic,
        repair=AiServicesOptOut(stack, "OptOut"),
        log_group=log_group,
    )
    rule = AiServicesOptOutConfigRule(
        stack,
        "Rule",
        config_rule_name="ai-opt-out",
        description="Nobody is opted in",
        maximum_execution_frequency=config.MaximumExecutionFrequency.SIX_HOURS,
        services=services,
        log_group=log_group,
    )
    cloudwatch.Dashboard(
        stack,
        "Overview",
        widgets=[monitor.widgets(), monitor.usage_widgets(account_ids=["111122223333"], region="us-east-1")],
    )
    cloudwatch.Alarm(
        stack,
        "Many",
        metric=monitor.metric_not_opted_out(period=Duration.hours(1)),
        threshold=10,
        evaluation_periods=1,
    )
    outputs = {
        "NotOptedOut": monitor.not_opted_out_alarm.alarm_arn,
        "RuleName": rule.config_rule_name,
        "RuleArn": rule.config_rule_arn,
        "RuleId": rule.config_rule_id,
        "Compliance": rule.config_rule_compliance_type,
    }
    for output_id, value in outputs.items():
        CfnOutput(stack, output_id, value=value)

    given = Stack(app, "GivenRole")
    AiServicesOptOutMonitor(
        given, "Monitor", role=iam.Role.from_role_arn(given, "Role", "arn:aws:iam::111122223333:role/AiOptOut")
    )


def name_of(setting):
    return None if setting is None else setting.name


def values():
    document = OptOutPolicyDocument.from_scope(OptOutScope.services([AiService.TEXTRACT]))
    effective = EffectiveOptOut.evaluate([
        OptOutLevel(
            name="Root",
            policies=[
                AttachedOptOutPolicy(
                    name="everyone", document=OptOutPolicyDocument.from_scope(OptOutScope.all_services())
                )
            ],
        ),
        OptOutLevel(policies=[AttachedOptOutPolicy(document=OptOutPolicyDocument.from_json(LEX_OPT_IN))]),
    ])
    return {
        "key": AiService.LEX.key,
        "name": AiService.LEX.to_string(),
        "covers": AiService.LEX.covers,
        "unknown": AiService.of("newservice").is_documented,
        "documented": [service.key for service in AiService.documented()],
        "coversFutureServices": OptOutScope.all_services().covers_future_services,
        "document": document.to_string(),
        "documentJson": document.to_json(),
        "characters": document.characters,
        "namedServices": [service.key for service in document.named_services],
        "defaultSetting": name_of(document.default_setting),
        "textract": name_of(document.setting_for(AiService.TEXTRACT)),
        "lex": name_of(document.setting_for(AiService.LEX)),
        "problems": [
            {"path": problem.path, "message": problem.message, "line": problem.line, "column": problem.column}
            for problem in OptOutPolicyDocument.problems_in(MISTAKEN)
        ],
        "optedOutOfEverything": effective.opted_out_of_everything,
        "decisions": [
            {
                "key": decision.key,
                "setting": name_of(decision.setting),
                "level": decision.level,
                "policy": decision.policy,
                "overruled": decision.overruled,
                "certain": decision.certain,
            }
            for decision in effective.decisions
        ],
        "effectiveLex": name_of(effective.setting_for(AiService.LEX)),
        "effectiveJson": effective.to_json(),
    }


BAD = {
    "noTargets": lambda: AiServicesOptOut(Stack(), "Bad", target_ids=[]),
    "snapshot": lambda: AiServicesOptOut(Stack(), "Bad", removal_policy=RemovalPolicy.SNAPSHOT),
    "twoThings": lambda: AiServicesOptOut(
        Stack(), "Bad", target_ids=["root"], enablement_timeout=Duration.seconds(30)
    ),
    "fiveMinutes": lambda: AiServicesOptOutMonitor(Stack(), "Bad", interval=Duration.minutes(5)),
    "ruleName": lambda: AiServicesOptOutConfigRule(Stack(), "Bad", config_rule_name=" "),
    "badKey": lambda: AiService.of("Bad Key"),
    "noServices": lambda: OptOutScope.services([]),
    "mistaken": lambda: OptOutPolicyDocument.from_json(MISTAKEN),
}


def message_of(act):
    try:
        act()
        return None
    except RuntimeError as error:
        return str(error)


for name, define in {"one-line": one_line, "every-prop": every_prop, "monitor-and-rule": monitor_and_rule}.items():
    application = App(outdir=os.path.join(OUT, name), default_stack_synthesizer=BootstraplessSynthesizer())
    define(application)
    application.synth()

errors = {name: message_of(act) for name, act in BAD.items()}
with open(os.path.join(OUT, "answers.json"), "w", encoding="utf-8") as file:
    json.dump({"values": values(), "errors": errors}, file)
