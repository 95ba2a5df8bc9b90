import { SimulatedAws, type SimulatedAwsOptions } from '../../../simulator/cloudformation/simulated-aws';
import { type StackEvent } from '../../../simulator/cloudformation/stack';

const running: SimulatedAws[] = [];

/** A simulated AWS that ends with the test. */
export async function startAws(options: SimulatedAwsOptions = {}): Promise<SimulatedAws> {
  const aws = await SimulatedAws.start(options);
  running.push(aws);
  return aws;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (aws) => aws.close()));
});

/** Code of a function: `answer(event, members)` answers CloudFormation, `sleep` waits. */
export function handler(body: string): string {
  return `
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const answer = async (event, members, init = {}) => fetch(event.ResponseURL, {
  method: 'PUT',
  headers: { 'content-type': '' },
  body: JSON.stringify({
    Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId || 'physical-id',
    StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...members,
  }),
  ...init,
});
exports.handler = async (event, context) => {
${body}
};
`;
}

/** A handler that always succeeds. */
export const SUCCEED = handler('await answer(event);');

export const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** A role with one inline policy. */
export function role(...statements: object[]) {
  const Policies = [{ PolicyName: 'Policy', PolicyDocument: { Version: '2012-10-17', Statement: statements } }];
  return { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST, ...(statements.length > 0 && { Policies }) } };
}

export function allow(Action: string | string[], Resource: unknown = '*', Condition?: object) {
  return { Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
}

/** A role and a function of that code, named `Role` and `Function`. */
export function withFunction(code: string, properties: object = {}, ...statements: object[]) {
  return {
    Role: role(...statements),
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { ZipFile: code }, Handler: 'index.handler', Runtime: 'nodejs24.x', Timeout: 60, Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, ...properties,
      },
    },
  };
}

/** A custom resource behind `Function`. */
export function custom(properties: object = {}, attributes: object = {}) {
  return { Type: 'Custom::Thing', Properties: { ServiceToken: { 'Fn::GetAtt': 'Function.Arn' }, ...properties }, ...attributes };
}

/** An AI services opt-out policy. */
export function policy(properties: object = {}, attributes: object = {}) {
  return {
    Type: 'AWS::Organizations::Policy',
    Properties: { Name: 'OptOut', Type: 'AISERVICES_OPT_OUT_POLICY', Content: optOutOf('default'), ...properties },
    ...attributes,
  };
}

export function optOutOf(service: string) {
  return { services: { [service]: { opt_out_policy: { '@@assign': 'optOut' } } } };
}

export function logGroup(properties: object = {}, attributes: object = {}) {
  return { Type: 'AWS::Logs::LogGroup', Properties: properties, ...attributes };
}

/** Something that always fails to be created, after all of `needed`. */
export function failing(...needed: string[]) {
  return {
    Type: 'AWS::Lambda::Function',
    ...(needed.length > 0 && { DependsOn: needed }),
    Properties: {
      Code: { ZipFile: 'x' }, Handler: 'index.handler', Runtime: 'nodejs24.x', Role: 'arn:aws:iam::111122223333:role/Unknown',
    },
  };
}

/** `Logical STATUS` lines. */
export function lines(events: StackEvent[]): string[] {
  return events.map(({ logicalId, status }) => `${logicalId} ${status}`);
}

/** Request types that a custom resource got, with the physical id where there is one. */
export function requests(aws: SimulatedAws, logicalId?: string): string[] {
  return aws.cloudFormation.invocations
    .filter(({ event }) => logicalId === undefined || event.LogicalResourceId === logicalId)
    .map(({ event }) => [event.RequestType, event.PhysicalResourceId].filter(Boolean).join(' '));
}

/** Operations that changed the organization, or would have. */
export function writes(aws: SimulatedAws): string[] {
  return aws.organizations.calls.filter(({ operation }) => !/^(List|Describe)/.test(operation)).map(({ operation }) => operation);
}
