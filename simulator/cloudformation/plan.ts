import { dependencyGraph } from './dependency-graph';
import { evaluateCondition, NO_VALUE, references, resolve, unsupportedFunctions, type Scope } from './intrinsics';
import { parameterValues } from './parameters';
import { type ResourceProvider } from './resource-provider';
import { type Plan } from './stack';
import { dependsOn, validationError, type OutputDefinition, type ResourceDefinition, type Template } from './template';

const PSEUDO_PARAMETERS = ['AccountId', 'NoValue', 'NotificationARNs', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map((name) => `AWS::${name}`);

/** What a plan is made of. */
export interface PlanInput {
  readonly template: Template;
  readonly parameters: Record<string, string>;
  readonly tags: Record<string, string>;

  /** Values of pseudo parameters. */
  readonly pseudo: Record<string, unknown>;
  readonly ssm: (name: string) => string | undefined;
  readonly providerFor: (type: string) => ResourceProvider | undefined;

  /** What the deployer has acknowledged; absent: everything. */
  readonly capabilities?: string[];
}

/**
 * Decides everything about a template that can be decided before anything is created.
 *
 * @throws AwsError naming everything that is wrong with it
 */
export function makePlan(input: PlanInput): Plan {
  const { template } = input;
  const resources = Object.entries(template.Resources);
  const names = new Set([...PSEUDO_PARAMETERS, ...Object.keys(template.Parameters ?? {}), ...Object.keys(template.Resources)]);
  const problems = [
    ...resources.flatMap(([logicalId, definition]) => resourceProblems(logicalId, definition, template, names, input)),
    ...references(template.Outputs).filter((name) => !names.has(name)).map((name) => `Unresolved resource dependencies [${name}] in Outputs`),
    ...[...new Set(unsupportedFunctions([template.Conditions, resources.map(([, definition]) => definition.Properties), template.Outputs]))]
      .map((name) => `function ${name} is not supported`),
  ];
  if (problems.length > 0) throw validationError(`Template format error: ${problems.join('; ')}`);
  checkCapabilities(resources.map(([, definition]) => definition), input.capabilities);

  const parameters = parameterValues(template, input.parameters, input.ssm);
  const conditions = evaluateConditions(template, parameters, input);
  checkRules(template, scopeOf(template, parameters, conditions, input.pseudo));
  const included = new Map(resources.filter(([, { Condition }]) => Condition === undefined || conditions[Condition]));
  return {
    template,
    givenParameters: input.parameters,
    parameters,
    conditions,
    resources: included,
    graph: dependencyGraph(included),
    tags: input.tags,
  };
}

/** Where values come from that only exist once something has been deployed. */
type Deployed = Pick<Scope, 'ref' | 'attribute' | 'imported'>;

const NOTHING_DEPLOYED: Deployed = {
  ref: () => undefined,
  attribute: (logicalId) => { throw validationError(`Template format error: ${logicalId} can not be used here`); },
  imported: (name) => { throw validationError(`Template error: the import of ${name} can not be used here`); },
};

const UNKNOWN: Deployed = {
  ref: (name) => `\${${name}}`,
  attribute: (logicalId, name) => `\${${logicalId}.${name}}`,
  imported: (name) => `\${import ${name}}`,
};

/** Where a plan's intrinsic functions find their values; resources come from elsewhere. */
export function scopeOf(
  template: Template,
  parameters: Plan['parameters'],
  conditions: Record<string, boolean>,
  pseudo: Record<string, unknown>,
  deployed: Deployed = NOTHING_DEPLOYED,
): Scope {
  return {
    ref: (name) => {
      if (name === 'AWS::NoValue') return NO_VALUE;
      return parameters[name] ?? pseudo[name] ?? deployed.ref(name);
    },
    attribute: deployed.attribute,
    imported: deployed.imported,
    condition: (name) => {
      if (!(name in conditions)) throw validationError(`Template format error: Unresolved condition dependency ${name}`);
      return conditions[name];
    },
    mappings: template.Mappings ?? {},
  };
}

/**
 * The resources with everything resolved except what other resources contribute: two plans with equal ones differ in nothing.
 */
export function comparable(plan: Plan, pseudo: Record<string, unknown>): string {
  const scope = scopeOf(plan.template, plan.parameters, plan.conditions, pseudo, UNKNOWN);
  const resources = [...plan.resources].map(([logicalId, { DependsOn, Condition, ...definition }]) => [logicalId, resolve(definition, scope)]);
  const outputs = outputsOf(plan)
    .map(([name, { Value, Export }]) => [name, resolve({ Value, Export }, scope)]);
  return JSON.stringify([resources.sort(byName), outputs.sort(byName), Object.entries(plan.tags).sort(byName)]);
}

/** Names of the exports that a plan imports, where its conditions want them. */
export function importsOf(plan: Plan, pseudo: Record<string, unknown>): string[] {
  const names = new Set<string>();
  const imported = (name: string) => {
    names.add(name);
    return UNKNOWN.imported(name);
  };
  const scope = scopeOf(plan.template, plan.parameters, plan.conditions, pseudo, { ...UNKNOWN, imported });
  const values = [...[...plan.resources.values()].map(({ Properties }) => Properties), ...outputsOf(plan).map(([, { Value }]) => Value)];
  for (const value of values) {
    try {
      resolve(value, scope);
    } catch {
      // What an unknown value makes impossible, a known one may not: the deployment itself will tell.
    }
  }
  return [...names];
}

/** Outputs whose condition is true. */
export function outputsOf({ template, conditions }: Plan): Array<[string, OutputDefinition]> {
  return Object.entries(template.Outputs ?? {}).filter(([, { Condition }]) => Condition === undefined || conditions[Condition]);
}

function byName([left]: any[], [right]: any[]): number {
  return left < right ? -1 : Number(left > right);
}

function resourceProblems(
  logicalId: string,
  definition: ResourceDefinition,
  template: Template,
  names: ReadonlySet<string>,
  input: PlanInput,
): string[] {
  const provider = input.providerFor(definition.Type);
  if (!provider) return [`resource type ${definition.Type} of ${logicalId} is not supported`];
  const unknown = [...references(definition.Properties), ...dependsOn(definition)].filter((name) => !names.has(name));
  const condition = definition.Condition;
  return [
    ...[...new Set(unknown)].map((name) => `Unresolved resource dependencies [${name}] in ${logicalId}`),
    ...(condition !== undefined && template.Conditions?.[condition] === undefined ? [`Unresolved condition dependency ${condition} in ${logicalId}`] : []),
    ...provider.problems?.(logicalId, definition) ?? [],
  ];
}

function evaluateConditions(template: Template, parameters: Plan['parameters'], input: PlanInput): Record<string, boolean> {
  const conditions: Record<string, boolean> = {};
  const pending = new Set<string>();
  const scope: Scope = {
    ...scopeOf(template, parameters, conditions, input.pseudo),
    // One condition may be made of others, in any order.
    condition: (name) => {
      if (name in conditions) return conditions[name];
      if (template.Conditions?.[name] === undefined) throw validationError(`Template format error: Unresolved condition dependency ${name}`);
      if (pending.has(name)) throw validationError(`Template format error: Circular dependency between conditions [${[...pending].join(', ')}]`);
      pending.add(name);
      conditions[name] = evaluateCondition(template.Conditions[name], scope);
      pending.delete(name);
      return conditions[name];
    },
  };
  for (const name of Object.keys(template.Conditions ?? {})) scope.condition(name);
  return conditions;
}

function checkRules(template: Template, scope: Scope): void {
  for (const [name, { RuleCondition, Assertions }] of Object.entries(template.Rules ?? {})) {
    if (RuleCondition !== undefined && !evaluateCondition(RuleCondition, scope)) continue;
    for (const { Assert, AssertDescription } of Assertions) {
      if (!evaluateCondition(Assert, scope)) throw validationError(`Template error: rule ${name} is not met: ${AssertDescription ?? JSON.stringify(Assert)}`);
    }
  }
}

function checkCapabilities(definitions: ResourceDefinition[], capabilities: string[] | undefined): void {
  if (capabilities === undefined || capabilities.includes('CAPABILITY_NAMED_IAM')) return;
  const iam = definitions.filter(({ Type }) => Type.startsWith('AWS::IAM::'));
  const named = iam.some(({ Properties }) => Properties?.RoleName !== undefined);
  const needed = named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
  if (iam.length === 0 || capabilities.includes(needed)) return;
  const error = validationError(`Requires capabilities : [${needed}]`);
  throw Object.assign(error, { code: 'InsufficientCapabilitiesException', name: 'InsufficientCapabilitiesException' });
}
