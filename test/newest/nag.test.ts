import { FEATURES } from '../support/every-feature';
import { newStack, stackWith } from '../support/stacks';

// The types are those of the floor, which knows neither validation plugins nor cdk-nag 3: what is used of them is typed here.
type Stack = ReturnType<typeof newStack>;
type Construct = Stack['node']['root'];

interface Pack {
  validateScope(scope: Construct): { readonly violations: { readonly ruleName: string }[] };
}

const { Validations } = jest.requireActual<{ Validations: { of(scope: Construct): { addPlugins(...packs: Pack[]): void } } }>('aws-cdk-lib');
const nag = jest.requireActual<Record<'AwsSolutionsChecks' | 'HIPAASecurityChecks', new (scope: Construct) => Pack>>('cdk-nag');
const { version } = jest.requireActual<{ version: string }>('aws-cdk-lib/package.json');

function findings(stack: Stack, pack = nag.AwsSolutionsChecks): string[] {
  return new pack(stack.node.root).validateScope(stack).violations.map(({ ruleName }) => ruleName).sort();
}

const isAcknowledgement = ({ type }: { type: string }) => type === 'aws:cdk:acknowledged-rules';

function acknowledged(stack: Stack): string[] {
  return stack.node.findAll().flatMap(({ node }) => node.metadata).filter(isAcknowledgement).flatMap(({ data }) => Object.keys(data)).sort();
}

/** Takes back what the library acknowledges. */
function withoutAcknowledgements(stack: Stack): Stack {
  for (const { node } of stack.node.findAll()) {
    Object.defineProperty(node, 'metadata', { value: node.metadata.filter((entry) => !isAcknowledgement(entry)) });
  }
  return stack;
}

test('this runs with the newest CDK, not with the floor', () => {
  expect(version).toBe('2.276.0');
});

test('AwsSolutionsChecks lets the one-liner be synthesized', () => {
  const stack = stackWith();
  const app = stack.node.root as Construct & { synth(): unknown };
  Validations.of(app).addPlugins(new nag.AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
  expect(process.exitCode).toBeUndefined();
});

test('AwsSolutionsChecks finds nothing in the one-liner', () => {
  expect(findings(stackWith())).toEqual([]);
});

test.each(['monitor', 'monitor-repair-rule', 'config-rule'])('AwsSolutionsChecks finds nothing in %s that is not acknowledged, and nothing less', (name) => {
  const make = () => FEATURES[name]!(newStack().node.root as Parameters<typeof FEATURES[string]>[0]);
  expect(findings(make())).toEqual([]);
  // It names a rule once, whichever roles break it.
  expect(new Set(findings(withoutAcknowledgements(make())))).toEqual(new Set(acknowledged(make())));
});

test('the acknowledgements cover exactly what it would find without them', () => {
  const found = findings(withoutAcknowledgements(stackWith()));
  expect(found).toEqual(acknowledged(stackWith()));
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter((rule) => !rule.startsWith('AwsSolutions-IAM5[Resource::'))).toEqual([]);
});

test('what other packs want is the consumer\'s to decide', () => {
  const found = findings(stackWith(), nag.HIPAASecurityChecks);
  expect(found).toEqual(findings(withoutAcknowledgements(stackWith()), nag.HIPAASecurityChecks));
  expect(found).toContain('HIPAA.Security-IAMNoInlinePolicy');
});
