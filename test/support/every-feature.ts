import { Duration, RemovalPolicy, Stack, type App, type StackProps } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { MaximumExecutionFrequency } from 'aws-cdk-lib/aws-config';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  AiService, AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor, ChildOverrides, OptOutScope,
} from '../../src';

/** Stacks that between them use everything that reaches a template. */
export const FEATURES: Record<string, (app: App, props?: StackProps) => Stack> = {
  'one-line': (app, props) => {
    const stack = new Stack(app, 'OneLine', props);
    new AiServicesOptOut(stack, 'OptOut');
    return stack;
  },

  'every-prop': (app, props) => {
    const stack = new Stack(app, 'EveryProp', props);
    new AiServicesOptOut(stack, 'OptOut', {
      services: OptOutScope.allServices({ optIn: [AiService.LEX] }),
      childOverrides: ChildOverrides.allowedFor([AiService.POLLY]),
      targetIds: ['ou-abcd-12345678', '111122223333'],
      policyName: 'AiServicesOptOut',
      description: 'Opts out of everything but Lex',
      removalPolicy: RemovalPolicy.DESTROY,
      enablementTimeout: Duration.minutes(10),
      logGroup: LogGroup.fromLogGroupName(stack, 'LogGroup', '/governance/ai-opt-out'),
      role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/AiOptOut'),
    });
    return stack;
  },

  'services-allowed-for': (app, props) => {
    const stack = new Stack(app, 'Services', props);
    new AiServicesOptOut(stack, 'OptOut', {
      services: OptOutScope.services([AiService.TEXTRACT, AiService.REKOGNITION, AiService.CONNECT_HEALTH_TRAINING]),
      childOverrides: ChildOverrides.allowedFor([AiService.REKOGNITION]),
    });
    return stack;
  },

  'two-instances': (app, props) => {
    const stack = new Stack(app, 'Two', props);
    new AiServicesOptOut(stack, 'Everyone');
    new AiServicesOptOut(stack, 'Research', {
      services: OptOutScope.allServices({ optIn: [AiService.TRANSLATE] }),
      targetIds: ['ou-abcd-12345678'],
      enablementTimeout: Duration.minutes(14),
    });
    return stack;
  },

  'monitor': (app, props) => {
    const stack = new Stack(app, 'Monitor', props);
    new AiServicesOptOutMonitor(stack, 'Monitor');
    return stack;
  },

  'monitor-every-prop': (app, props) => {
    const stack = new Stack(app, 'MonitorEveryProp', { ...props, env: { region: 'us-east-1' } });
    const topic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111122223333:ai-opt-out');
    const own = {
      logGroup: LogGroup.fromLogGroupName(stack, 'LogGroup', '/governance/ai-opt-out'),
      role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/AiOptOut'),
    };
    new AiServicesOptOutConfigRule(stack, 'Rule', {
      configRuleName: 'ai-opt-out',
      description: 'Nobody is opted in',
      maximumExecutionFrequency: MaximumExecutionFrequency.SIX_HOURS,
      ...own,
    });
    new AiServicesOptOutMonitor(stack, 'Monitor', {
      interval: Duration.hours(1),
      spotChecks: 100,
      alarmActions: [new SnsAction(topic)],
      notificationTopic: topic,
      repair: new AiServicesOptOut(stack, 'OptOut'),
      ...own,
    });
    return stack;
  },

  'monitor-repair-rule': (app, props) => {
    const stack = new Stack(app, 'MonitorRepairRule', props);
    const repair = new AiServicesOptOut(stack, 'OptOut');
    new AiServicesOptOutMonitor(stack, 'Monitor', { repair });
    new AiServicesOptOutConfigRule(stack, 'Rule');
    return stack;
  },

  'config-rule': (app, props) => {
    const stack = new Stack(app, 'Rule', { ...props, env: { region: 'eu-west-1' } });
    new AiServicesOptOutConfigRule(stack, 'Rule');
    return stack;
  },
};
