// npx aws-cdk synth
using Amazon.CDK;
using Amazon.CDK.AWS.SNS;
using CdkAiServicesOptOut;
using Constructs;

var app = new App();
// AWS reports changes of an organization in this Region only.
new AiOptOutStack(app, "AiOptOut", new StackProps { Env = new Amazon.CDK.Environment { Region = "us-east-1" } });
app.Synth();

class AiOptOutStack : Stack
{
    public AiOptOutStack(Construct scope, string id, IStackProps? props = null) : base(scope, id, props)
    {
        var optOut = new AiServicesOptOut(this, "OptOut", new AiServicesOptOutProps
        {
            Services = OptOutScope.AllServices(new AllServicesOptions { OptIn = new[] { AiService.LEX } }),
            ChildOverrides = ChildOverrides.AllowedFor(new[] { AiService.POLLY }),
        });

        var topic = new Topic(this, "Changes", new TopicProps { EnforceSSL = true });
        new AiServicesOptOutMonitor(this, "Monitor", new AiServicesOptOutMonitorProps
        {
            Repair = optOut,
            NotificationTopic = topic,
            Interval = Duration.Hours(1),
        });

        new CfnOutput(this, "PolicyId", new CfnOutputProps { Value = optOut.PolicyId });
    }
}
