// go mod tidy && npx aws-cdk synth
package main

import (
	optout "github.com/ai-services-opt-out/cdk-ai-services-opt-out-go/cdkaiservicesoptout"
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

func NewAiOptOutStack(scope constructs.Construct, id string, props *awscdk.StackProps) awscdk.Stack {
	stack := awscdk.NewStack(scope, &id, props)

	optOut := optout.NewAiServicesOptOut(stack, jsii.String("OptOut"), &optout.AiServicesOptOutProps{
		Services: optout.OptOutScope_AllServices(&optout.AllServicesOptions{
			OptIn: &[]optout.AiService{optout.AiService_LEX()},
		}),
		ChildOverrides: optout.ChildOverrides_AllowedFor(&[]optout.AiService{optout.AiService_POLLY()}),
	})

	topic := awssns.NewTopic(stack, jsii.String("Changes"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	optout.NewAiServicesOptOutMonitor(stack, jsii.String("Monitor"), &optout.AiServicesOptOutMonitorProps{
		Repair:            optOut,
		NotificationTopic: topic,
		Interval:          awscdk.Duration_Hours(jsii.Number(1)),
	})

	awscdk.NewCfnOutput(stack, jsii.String("PolicyId"), &awscdk.CfnOutputProps{Value: optOut.PolicyId()})
	return stack
}

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	// AWS reports changes of an organization in this Region only.
	NewAiOptOutStack(app, "AiOptOut", &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-east-1")}})
	app.Synth(nil)
}
