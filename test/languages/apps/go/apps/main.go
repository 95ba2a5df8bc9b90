// The same in every language: see README.md beside the folders. What changes here changes in all of them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	optout "github.com/ai-services-opt-out/cdk-ai-services-opt-out-go/cdkaiservicesoptout"
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsconfig"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

const (
	lexOptIn = `{"services":{"lex":{"opt_out_policy":{"@@assign":"optIn"}}}}`
	mistaken = "{\n  \"services\": {\"lex\": {\"opt_out_policy\": {\"@@assign\": \"optout\"}}}\n}"
)

var out = os.Getenv("CDK_OUTDIR")

func newStack(app awscdk.App, id string) awscdk.Stack {
	return awscdk.NewStack(app, &id, nil)
}

func output(stack awscdk.Stack, id string, value *string) {
	awscdk.NewCfnOutput(stack, &id, &awscdk.CfnOutputProps{Value: value})
}

func oneLine(app awscdk.App) {
	optout.NewAiServicesOptOut(newStack(app, "OneLine"), jsii.String("OptOut"), nil)
}

func everyProp(app awscdk.App) {
	stack := newStack(app, "EveryProp")
	optOut := optout.NewAiServicesOptOut(stack, jsii.String("OptOut"), &optout.AiServicesOptOutProps{
		Services:          optout.OptOutScope_AllServices(&optout.AllServicesOptions{OptIn: &[]optout.AiService{optout.AiService_LEX()}}),
		ChildOverrides:    optout.ChildOverrides_AllowedFor(&[]optout.AiService{optout.AiService_POLLY(), optout.AiService_Of(jsii.String("newservice"))}),
		TargetIds:         jsii.Strings("ou-abcd-12345678", "111122223333"),
		PolicyName:        jsii.String("AiServicesOptOut"),
		Description:       jsii.String("Opts out of everything but Lex — “for good”"),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
		EnablementTimeout: awscdk.Duration_Minutes(jsii.Number(10)),
		LogGroup:          awslogs.LogGroup_FromLogGroupName(stack, jsii.String("LogGroup"), jsii.String("/governance/ai-opt-out")),
		Role:              awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::111122223333:role/AiOptOut"), nil),
	})
	output(stack, "PolicyId", optOut.PolicyId())
	output(stack, "PolicyArn", optOut.PolicyArn())
	output(stack, "PolicyName", optOut.PolicyName())
	output(stack, "RootId", optOut.RootId())
	output(stack, "OrganizationId", optOut.OrganizationId())
	output(stack, "ManagementAccountId", optOut.ManagementAccountId())
	output(stack, "Document", optOut.Document().ToString())

	optout.NewAiServicesOptOut(newStack(app, "Document"), jsii.String("OptOut"), &optout.AiServicesOptOutProps{
		Document: optout.OptOutPolicyDocument_FromJson(jsii.String(lexOptIn), nil),
	})
}

func monitorAndRule(app awscdk.App) {
	stack := awscdk.NewStack(app, jsii.String("MonitorAndRule"), &awscdk.StackProps{
		Env: &awscdk.Environment{Region: jsii.String("us-east-1")},
	})
	topic := awssns.NewTopic(stack, jsii.String("Changes"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	logGroup := awslogs.NewLogGroup(stack, jsii.String("Logs"), &awslogs.LogGroupProps{Retention: awslogs.RetentionDays_ONE_YEAR})
	services := optout.OptOutScope_Services(&[]optout.AiService{optout.AiService_REKOGNITION(), optout.AiService_TEXTRACT()})
	monitor := optout.NewAiServicesOptOutMonitor(stack, jsii.String("Monitor"), &optout.AiServicesOptOutMonitorProps{
		Interval:          awscdk.Duration_Hours(jsii.Number(1)),
		Services:          services,
		SpotChecks:        jsii.Number(100),
		AlarmActions:      &[]awscloudwatch.IAlarmAction{awscloudwatchactions.NewSnsAction(topic)},
		NotificationTopic: topic,
		Repair:            optout.NewAiServicesOptOut(stack, jsii.String("OptOut"), nil),
		LogGroup:          logGroup,
	})
	rule := optout.NewAiServicesOptOutConfigRule(stack, jsii.String("Rule"), &optout.AiServicesOptOutConfigRuleProps{
		ConfigRuleName:            jsii.String("ai-opt-out"),
		Description:               jsii.String("Nobody is opted in"),
		MaximumExecutionFrequency: awsconfig.MaximumExecutionFrequency_SIX_HOURS,
		Services:                  services,
		LogGroup:                  logGroup,
	})
	awscloudwatch.NewDashboard(stack, jsii.String("Overview"), &awscloudwatch.DashboardProps{
		Widgets: &[]*[]awscloudwatch.IWidget{
			monitor.Widgets(),
			monitor.UsageWidgets(&optout.UsageWidgetsOptions{AccountIds: jsii.Strings("111122223333"), Region: jsii.String("us-east-1")}),
		},
	})
	awscloudwatch.NewAlarm(stack, jsii.String("Many"), &awscloudwatch.AlarmProps{
		Metric:            monitor.MetricNotOptedOut(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Hours(jsii.Number(1))}),
		Threshold:         jsii.Number(10),
		EvaluationPeriods: jsii.Number(1),
	})
	output(stack, "NotOptedOut", monitor.NotOptedOutAlarm().AlarmArn())
	output(stack, "RuleName", rule.ConfigRuleName())
	output(stack, "RuleArn", rule.ConfigRuleArn())
	output(stack, "RuleId", rule.ConfigRuleId())
	output(stack, "Compliance", rule.ConfigRuleComplianceType())

	given := newStack(app, "GivenRole")
	optout.NewAiServicesOptOutMonitor(given, jsii.String("Monitor"), &optout.AiServicesOptOutMonitorProps{
		Role: awsiam.Role_FromRoleArn(given, jsii.String("Role"), jsii.String("arn:aws:iam::111122223333:role/AiOptOut"), nil),
	})
}

// In Go an enum is text, and what is not there is an empty one.
func nameOf(setting optout.OptOutSetting) any {
	if setting == "" {
		return nil
	}
	return string(setting)
}

func keys(services *[]optout.AiService) []string {
	found := []string{}
	for _, service := range *services {
		found = append(found, *service.Key())
	}
	return found
}

func values() map[string]any {
	document := optout.OptOutPolicyDocument_FromScope(optout.OptOutScope_Services(&[]optout.AiService{optout.AiService_TEXTRACT()}), nil)
	effective := optout.EffectiveOptOut_Evaluate(&[]*optout.OptOutLevel{
		{
			Name: jsii.String("Root"),
			Policies: &[]*optout.AttachedOptOutPolicy{{
				Name:     jsii.String("everyone"),
				Document: optout.OptOutPolicyDocument_FromScope(optout.OptOutScope_AllServices(nil), nil),
			}},
		},
		{
			Policies: &[]*optout.AttachedOptOutPolicy{{Document: optout.OptOutPolicyDocument_FromJson(jsii.String(lexOptIn), nil)}},
		},
	})
	problems := []any{}
	for _, problem := range *optout.OptOutPolicyDocument_ProblemsIn(jsii.String(mistaken), nil) {
		problems = append(problems, map[string]any{
			"path": problem.Path, "message": problem.Message, "line": problem.Line, "column": problem.Column,
		})
	}
	decisions := []any{}
	for _, decision := range *effective.Decisions() {
		overruled := []string{}
		for _, text := range *decision.Overruled {
			overruled = append(overruled, *text)
		}
		decisions = append(decisions, map[string]any{
			"key": decision.Key, "setting": nameOf(decision.Setting), "level": decision.Level,
			"policy": decision.Policy, "overruled": overruled, "certain": decision.Certain,
		})
	}
	lex := optout.AiService_LEX()
	return map[string]any{
		"key":                  lex.Key(),
		"name":                 lex.ToString(),
		"covers":               lex.Covers(),
		"unknown":              optout.AiService_Of(jsii.String("newservice")).IsDocumented(),
		"documented":           keys(optout.AiService_Documented()),
		"coversFutureServices": optout.OptOutScope_AllServices(nil).CoversFutureServices(),
		"document":             document.ToString(),
		"documentJson":         document.ToJson(),
		"characters":           document.Characters(),
		"namedServices":        keys(document.NamedServices()),
		"defaultSetting":       nameOf(document.DefaultSetting()),
		"textract":             nameOf(document.SettingFor(optout.AiService_TEXTRACT())),
		"lex":                  nameOf(document.SettingFor(lex)),
		"problems":             problems,
		"optedOutOfEverything": effective.OptedOutOfEverything(),
		"decisions":            decisions,
		"effectiveLex":         nameOf(effective.SettingFor(lex)),
		"effectiveJson":        effective.ToJson(),
	}
}

func errors() map[string]any {
	newStack := func() awscdk.Stack { return awscdk.NewStack(nil, nil, nil) }
	id := jsii.String("Bad")
	return map[string]any{
		"noTargets": messageOf(func() {
			optout.NewAiServicesOptOut(newStack(), id, &optout.AiServicesOptOutProps{TargetIds: jsii.Strings()})
		}),
		"snapshot": messageOf(func() {
			optout.NewAiServicesOptOut(newStack(), id, &optout.AiServicesOptOutProps{RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT})
		}),
		"twoThings": messageOf(func() {
			optout.NewAiServicesOptOut(newStack(), id, &optout.AiServicesOptOutProps{
				TargetIds:         jsii.Strings("root"),
				EnablementTimeout: awscdk.Duration_Seconds(jsii.Number(30)),
			})
		}),
		"fiveMinutes": messageOf(func() {
			optout.NewAiServicesOptOutMonitor(newStack(), id, &optout.AiServicesOptOutMonitorProps{
				Interval: awscdk.Duration_Minutes(jsii.Number(5)),
			})
		}),
		"ruleName": messageOf(func() {
			optout.NewAiServicesOptOutConfigRule(newStack(), id, &optout.AiServicesOptOutConfigRuleProps{ConfigRuleName: jsii.String(" ")})
		}),
		"badKey":     messageOf(func() { optout.AiService_Of(jsii.String("Bad Key")) }),
		"noServices": messageOf(func() { optout.OptOutScope_Services(&[]optout.AiService{}) }),
		"mistaken":   messageOf(func() { optout.OptOutPolicyDocument_FromJson(jsii.String(mistaken), nil) }),
	}
}

func messageOf(act func()) (message any) {
	defer func() {
		if reason := recover(); reason != nil {
			message = fmt.Sprint(reason)
		}
	}()
	act()
	return nil
}

func synthesize(name string, define func(awscdk.App)) {
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir:                  jsii.String(filepath.Join(out, name)),
		DefaultStackSynthesizer: awscdk.NewBootstraplessSynthesizer(nil),
	})
	define(app)
	app.Synth(nil)
}

func main() {
	defer jsii.Close()

	synthesize("one-line", oneLine)
	synthesize("every-prop", everyProp)
	synthesize("monitor-and-rule", monitorAndRule)
	answers, err := json.Marshal(map[string]any{"values": values(), "errors": errors()})
	if err == nil {
		err = os.WriteFile(filepath.Join(out, "answers.json"), answers, 0o644)
	}
	if err != nil {
		panic(err)
	}
}
