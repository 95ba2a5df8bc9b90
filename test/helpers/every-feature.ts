import { Duration, RemovalPolicy, Stack, type App, type StackProps } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { AiService, AiServicesOptOut, ChildOverrides, OptOutScope } from '../../src';

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
};
