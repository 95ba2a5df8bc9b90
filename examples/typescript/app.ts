// npm install && npx aws-cdk synth
import { App, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AiService, AiServicesOptOut, AiServicesOptOutMonitor, ChildOverrides, OptOutScope } from 'cdk-ai-services-opt-out';
import type { Construct } from 'constructs';

class AiOptOutStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const optOut = new AiServicesOptOut(this, 'OptOut', {
      services: OptOutScope.allServices({ optIn: [AiService.LEX] }),
      childOverrides: ChildOverrides.allowedFor([AiService.POLLY]),
    });

    const topic = new Topic(this, 'Changes', { enforceSSL: true });
    new AiServicesOptOutMonitor(this, 'Monitor', {
      repair: optOut,
      notificationTopic: topic,
      interval: Duration.hours(1),
    });

    new CfnOutput(this, 'PolicyId', { value: optOut.policyId });
  }
}

const app = new App();
// AWS reports changes of an organization in this Region only.
new AiOptOutStack(app, 'AiOptOut', { env: { region: 'us-east-1' } });
