import { readFileSync } from 'fs';
import { join } from 'path';
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AiServicesOptOut, type AiServicesOptOutProps } from '../../src';

/** The function's code as it is built. */
export const HANDLER = readFileSync(join(__dirname, '..', '..', 'assets', 'handlers', 'policy-type', 'index.js'), 'utf8').trimEnd();

export interface Resource {
  readonly Type: string;
  readonly Properties: any;
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: any;
}

export function newStack(props?: StackProps, context?: Record<string, unknown>): Stack {
  return new Stack(new App({ context }), 'AiOptOut', props);
}

/** A stack with one opt-out, as the README has it. */
export function stackWith(props?: AiServicesOptOutProps, stack = newStack()): Stack {
  new AiServicesOptOut(stack, 'OptOut', props);
  return stack;
}

export function templateWith(props?: AiServicesOptOutProps, stack = newStack()): Template {
  return Template.fromStack(stackWith(props, stack));
}

/** Resources of a type, by logical id, in the template's order. */
export function resourcesOf(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.toJSON().Resources as Record<string, Resource>).filter(([, resource]) => resource.Type === type);
}

/** The one resource of a type. */
export function theOnly(template: Template, type: string): Resource {
  template.resourceCountIs(type, 1);
  return resourcesOf(template, type)[0]![1];
}

/** The logical id of the one resource of a type. */
export function idOf(template: Template, type: string): string {
  template.resourceCountIs(type, 1);
  return resourcesOf(template, type)[0]![0];
}

/** What an opt-out consists of, and how often it is there. */
export function expectCounts(template: Template, { optOuts, functions }: { optOuts: number; functions: number }): void {
  for (const type of [POLICY_TYPE, POLICY]) template.resourceCountIs(type, optOuts);
  for (const type of [FUNCTION, ROLE, LOG_GROUP]) template.resourceCountIs(type, functions);
}

export const POLICY = 'AWS::Organizations::Policy';
export const POLICY_TYPE = 'Custom::AiServicesOptOutPolicyType';
export const FUNCTION = 'AWS::Lambda::Function';
export const ROLE = 'AWS::IAM::Role';
export const LOG_GROUP = 'AWS::Logs::LogGroup';
