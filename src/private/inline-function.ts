import { readFileSync } from 'fs';
import { join } from 'path';
import { RemovalPolicy, Stack, type IResolvable } from 'aws-cdk-lib';
import { CfnRole, type IRole } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { OptOutError } from './errors';
import { isPlaceholder } from './placeholders';

/** What users may bring along for a function that a stack has only once. */
export interface OwnResources {
  readonly logGroup?: ILogGroup;
  readonly role?: IRole;
}

export interface InlineFunction {
  readonly description: string;
  /** The folder below assets/handlers. */
  readonly handler: string;
  /** In seconds. */
  readonly timeout: number;
  /** In MB. */
  readonly memorySize: number;
  readonly environment?: IResolvable;
  /** The policies of a role of ours; `logStreams` is where the function logs. */
  readonly policies: (logStreams: string) => CfnRole.PolicyProperty[] | IResolvable;
}

export interface DefinedFunction {
  readonly resource: CfnFunction;
  /** Absent where the user gave one. */
  readonly role?: CfnRole;
  readonly logGroupName: string;
  readonly logStreams: string;
}

/**
 * A function with its log group and role. The code travels in the template.
 *
 * L1 resources, so that no feature flag of the consumer's app can change the template.
 */
export function defineFunction(scope: Construct, { logGroup, role }: OwnResources, props: InlineFunction): DefinedFunction {
  const ownLogGroup = logGroup ? undefined : new CfnLogGroup(scope, 'LogGroup', { retentionInDays: 30 });
  ownLogGroup?.applyRemovalPolicy(RemovalPolicy.DESTROY);
  // Both end in ":*" when they are resolved, which stands for the streams.
  const logStreams = logGroup?.logGroupArn ?? ownLogGroup!.attrArn;
  const logGroupName = logGroup?.logGroupName ?? ownLogGroup!.ref;

  const ownRole = role ? undefined : new CfnRole(scope, 'Role', {
    assumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
    },
    policies: props.policies(logStreams),
  });

  const resource = new CfnFunction(scope, 'Function', {
    description: props.description,
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    code: { zipFile: readFileSync(join(__dirname, '..', '..', 'assets', 'handlers', props.handler, 'index.js'), 'utf8').trimEnd() },
    role: role?.roleArn ?? ownRole!.attrArn,
    timeout: props.timeout,
    memorySize: props.memorySize,
    environment: props.environment,
    loggingConfig: { logGroup: logGroupName },
  });
  if (role) resource.node.addDependency(role);
  return { resource, role: ownRole, logGroupName, logStreams };
}

/** Those who share a function must agree on what there can only be one of. */
export function requireSame(scope: Construct, own: OwnResources, earlier: OwnResources, sharers: string): void {
  const resolve = (value: string | undefined) => JSON.stringify(Stack.of(scope).resolve(value));
  const differ = (...arns: (string | undefined)[]) => {
    const [one, other] = arns.map(resolve);
    return one !== other && !isPlaceholder(`${one} ${other}`);
  };
  const differing = differ(own.role?.roleArn, earlier.role?.roleArn) ? 'role'
    : differ(own.logGroup?.logGroupArn, earlier.logGroup?.logGroupArn) ? 'logGroup' : undefined;
  if (differing) {
    throw new OptOutError('SharedFunctionConflict',
      `${differing} differs from that of another ${sharers} in this stack; they share one function, so give all of them the same ${differing}, or none`, scope);
  }
}
