import { readFileSync } from 'fs';
import { join } from 'path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { MANAGEMENT } from './ids';
import { newStack, resourcesOf, ROLE, type Resource } from './stacks';
import { AiServicesOptOutConfigRule, AiServicesOptOutMonitor, type AiServicesOptOutMonitorProps } from '../../src';

/** The monitoring function's code as it is built. */
export const MONITORING_HANDLER = readFileSync(join(__dirname, '..', '..', 'assets', 'handlers', 'monitoring', 'index.js'), 'utf8').trimEnd();

/** Logical ids of what monitor and rules share. */
export const SHARED = {
  function: 'AiServicesOptOutMonitoringFunction5297FB9B',
  role: 'AiServicesOptOutMonitoringRole10948EE1',
  logGroup: 'AiServicesOptOutMonitoringLogGroup075E7047',
};

export const US_EAST_1 = { env: { account: MANAGEMENT, region: 'us-east-1' } };
export const EU_WEST_1 = { env: { account: MANAGEMENT, region: 'eu-west-1' } };

export function monitorIn(stack: Stack, props?: AiServicesOptOutMonitorProps): AiServicesOptOutMonitor {
  return new AiServicesOptOutMonitor(stack, 'Monitor', props);
}

export function monitorTemplate(props?: AiServicesOptOutMonitorProps, stack = newStack()): Template {
  monitorIn(stack, props);
  return Template.fromStack(stack);
}

export function ruleTemplate(stack = newStack()): Template {
  new AiServicesOptOutConfigRule(stack, 'Rule');
  return Template.fromStack(stack);
}

export function resource(template: Template, logicalId: string): Resource {
  return template.toJSON().Resources[logicalId];
}

/** What the function finds in its environment. */
export function environment(template: Template): Record<string, unknown> {
  return resource(template, SHARED.function).Properties.Environment.Variables;
}

/** What a statement allows, resources as text: `<X.Arn>` for an attribute, `<AWS::Partition>` for a reference. */
export interface Grant {
  readonly actions: string[];
  readonly resources: string[];
  readonly condition?: object;
  /** The condition of the template under which it is there. */
  readonly when?: string;
}

export function text(value: any): string {
  if (typeof value === 'string') return value;
  if (value.Ref) return `<${value.Ref}>`;
  if (value['Fn::GetAtt']) return `<${value['Fn::GetAtt'].join('.')}>`;
  if (value['Fn::Sub']) return value['Fn::Sub'].replace(/\$\{(.*?)\}/g, '<$1>');
  if (value['Fn::ImportValue']) return `<import ${value['Fn::ImportValue']}>`;
  const [separator, parts] = value['Fn::Join'];
  return parts.map(text).join(separator);
}

/** The function's permissions, by policy. */
export function grants(template: Template): Record<string, Grant[]> {
  const [[, { Properties }]] = resourcesOf(template, ROLE).filter(([id]) => id === SHARED.role) as [[string, Resource]];
  return Object.fromEntries(Properties.Policies.map(({ PolicyName, PolicyDocument }: any) => [PolicyName, PolicyDocument.Statement.map(grantOf)]));
}

function grantOf(given: any): Grant {
  const [when, statement] = given['Fn::If'] ?? [undefined, given];
  if (when) expect(given['Fn::If'][2]).toEqual({ Ref: 'AWS::NoValue' });
  const { Effect, Action, Resource: on, Condition, ...rest } = statement;
  expect({ Effect, rest }).toEqual({ Effect: 'Allow', rest: {} });
  return { actions: [Action].flat(), resources: [on].flat().map(text), ...(Condition && { condition: Condition }), ...(when && { when }) };
}

export function actionsIn(template: Template): string[] {
  return Object.values(grants(template)).flat().flatMap(({ actions }) => actions);
}
