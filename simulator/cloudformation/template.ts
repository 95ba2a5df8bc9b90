import { AwsError } from '../aws-error';

/** A resource as a template declares it. */
export interface ResourceDefinition {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DependsOn?: string | string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: unknown;
}

/** A parameter as a template declares it. */
export interface ParameterDefinition {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedValues?: Array<string | number>;
  readonly AllowedPattern?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly ConstraintDescription?: string;
}

/** An output as a template declares it. */
export interface OutputDefinition {
  readonly Value: unknown;
  readonly Condition?: string;
  readonly Description?: string;
  readonly Export?: { readonly Name: unknown };
}

/** A CloudFormation template, as far as the simulation knows it. */
export interface Template {
  readonly AWSTemplateFormatVersion?: string;
  readonly Description?: string;
  readonly Metadata?: unknown;
  readonly Parameters?: Record<string, ParameterDefinition>;
  readonly Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  readonly Conditions?: Record<string, unknown>;
  readonly Rules?: Record<string, { RuleCondition?: unknown; Assertions: Array<{ Assert: unknown; AssertDescription?: string }> }>;
  readonly Resources: Record<string, ResourceDefinition>;
  readonly Outputs?: Record<string, OutputDefinition>;
}

const SECTIONS = ['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Mappings', 'Conditions', 'Rules', 'Resources', 'Outputs'];
const DELETION_POLICIES = ['Delete', 'Retain', 'RetainExceptOnCreate'];
const UPDATE_REPLACE_POLICIES = ['Delete', 'Retain'];

/** What CloudFormation answers when a template or a request is wrong: nothing has been touched. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/**
 * Reads a template, as JSON text or as an object.
 *
 * @throws AwsError naming everything that the simulation does not support, before anything is created
 */
export function parseTemplate(source: string | object): Template {
  const template = (typeof source === 'string' ? fromJson(source) : structuredClone(source)) as Template;
  const problems = Object.keys(template).filter((section) => !SECTIONS.includes(section)).map((section) => `section ${section} is not supported`);
  if (Object.keys(template.Resources ?? {}).length === 0) problems.push('at least one Resources member must be defined');
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    if (!/^[A-Za-z0-9]+$/.test(logicalId)) problems.push(`resource name ${logicalId} is not alphanumeric`);
    problems.push(
      ...policyProblems(logicalId, 'DeletionPolicy', resource.DeletionPolicy, DELETION_POLICIES),
      ...policyProblems(logicalId, 'UpdateReplacePolicy', resource.UpdateReplacePolicy, UPDATE_REPLACE_POLICIES),
    );
  }
  if (problems.length > 0) throw validationError(`Template format error: ${problems.join('; ')}`);
  return template;
}

/** What a resource waits for by its own word. */
export function dependsOn(definition: ResourceDefinition): string[] {
  return definition.DependsOn === undefined ? [] : [definition.DependsOn].flat();
}

function fromJson(text: string): object {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw validationError(`Template format error: the simulation reads JSON only (${(error as Error).message})`);
  }
}

function policyProblems(logicalId: string, attribute: string, value: string | undefined, allowed: string[]): string[] {
  return value === undefined || allowed.includes(value) ? [] : [`${attribute} ${value} of ${logicalId} is not supported (only ${allowed.join(', ')})`];
}
