import type { CfnCondition, CfnParameter, Stack } from 'aws-cdk-lib';
import type { TemplateLibrary } from './library';
import { MAX_NAME_CHARACTERS, UNSUPPORTED_PARTITIONS } from '../../policy';

/** What can be chosen when the template is deployed. */
export interface Parameter {
  readonly name: string;
  readonly default: string;
  readonly description: string;
  readonly allowedPattern?: string;
  readonly maxLength?: number;
  readonly constraintDescription: string;
}

export interface ParameterGroup {
  readonly label: string;
  readonly parameters: readonly Parameter[];
}

/** The groups in which CloudFormation's console shows the parameters. */
export function parameterGroups({ policyName = '', monitor }: { policyName?: string; monitor: boolean }): ParameterGroup[] {
  return [
    { label: 'Policy', parameters: [{ ...POLICY_NAME, default: policyName }] },
    ...(monitor ? [{ label: 'Messages of the monitor', parameters: [TOPIC_ARN, TOPIC_KEY_ARN] }] : []),
  ];
}

const POLICY_NAME: Parameter = {
  name: 'PolicyName',
  default: '',
  description: 'Name of the policy. No other AI services opt-out policy of the organization may have it. Empty: a name that no other stack makes.',
  maxLength: MAX_NAME_CHARACTERS,
  constraintDescription: `up to ${MAX_NAME_CHARACTERS} characters`,
};

/** The beginning of an ARN in a partition that is not known to lack the policy type. */
const ARN = `arn:(?!(${UNSUPPORTED_PARTITIONS.join('|')}):)aws[a-z-]*`;

// The pattern lets no FIFO topic pass: their names end in ".fifo", and nobody can subscribe to one with e-mail or SMS.
const TOPIC_ARN: Parameter = {
  name: 'NotificationTopicArn',
  default: '',
  description: 'ARN of the Amazon SNS topic that is told when accounts are no longer opted out, and when nobody verifies that any more. '
    + 'A standard topic in the Region of the stack. Empty: no messages.',
  allowedPattern: `^(${ARN}:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256})?$`,
  constraintDescription: 'the ARN of a standard topic, arn:<partition>:sns:<Region>:<account>:<name>, or empty; a FIFO topic cannot be used',
};

const TOPIC_KEY_ARN: Parameter = {
  name: 'NotificationTopicKeyArn',
  default: '',
  description: 'ARN of the AWS KMS key that the topic is encrypted with, if that is a key of your own. Its key policy has to let IAM policies '
    + 'of the account allow its use. Empty: the topic is not encrypted, or with the AWS managed key.',
  allowedPattern: `^(${ARN}:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64})?$`,
  constraintDescription: 'the ARN of a key, arn:<partition>:kms:<Region>:<account>:key/<id>, or empty',
};

/** Defines the parameters in a stack, and how the console groups them. */
export function defineParameters(stack: Stack, groups: ParameterGroup[], { cdk }: TemplateLibrary): Record<string, CfnParameter> {
  stack.templateOptions.metadata = {
    'AWS::CloudFormation::Interface': {
      ParameterGroups: groups.map(({ label, parameters }) => ({ Label: { default: label }, Parameters: parameters.map(({ name }) => name) })),
    },
  };
  return Object.fromEntries(groups.flatMap(({ parameters }) => parameters).map(({ name, ...rest }) => [
    name, new cdk.CfnParameter(stack, name, { type: 'String', ...rest }),
  ]));
}

/** True where none of these parameters is empty. */
export function unlessEmpty(stack: Stack, id: string, parameters: CfnParameter[], { cdk }: TemplateLibrary): CfnCondition {
  const given = parameters.map(({ valueAsString }) => cdk.Fn.conditionNot(cdk.Fn.conditionEquals(valueAsString, '')));
  return new cdk.CfnCondition(stack, id, { expression: given.length === 1 ? given[0] : cdk.Fn.conditionAnd(...given) });
}
