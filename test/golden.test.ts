import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FEATURES } from './support/every-feature';
import { MONITORING_HANDLER } from './support/monitoring';
import { HANDLER } from './support/stacks';

/** Consumers compare their templates with earlier ones: see golden/README.md before changing a golden template. */
const UPDATE = process.env.UPDATE_GOLDEN === '1';

/** The code has tests of its own, and would hide the rest of the template. */
const CODE = new Map<unknown, string>([
  [HANDLER, '(assets/handlers/policy-type/index.js)'],
  [MONITORING_HANDLER, '(assets/handlers/monitoring/index.js)'],
]);

describe('templates', () => {
  test.each(Object.entries(FEATURES))('%s is as it was', (name, define) => {
    const file = join(__dirname, 'golden', `${name}.json`);
    const template = JSON.parse(JSON.stringify(Template.fromStack(define(new App())).toJSON(), (_key, value) => CODE.get(value) ?? value));
    if (UPDATE) writeFileSync(file, `${JSON.stringify(template, undefined, 2)}\n`);
    expect(template).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });
});

/** Logical ids below a construct that a stack has once: all, and those left where role and log group are given. */
const SHARED = {
  AiServicesOptOutPolicyType: [
    'AiServicesOptOutPolicyTypeFunctionC58C735F', 'AiServicesOptOutPolicyTypeLogGroup42C53BE0', 'AiServicesOptOutPolicyTypeRoleB9B9F88C',
  ],
  AiServicesOptOutMonitoring: [
    'AiServicesOptOutMonitoringFunction5297FB9B', 'AiServicesOptOutMonitoringLogGroup075E7047', 'AiServicesOptOutMonitoringRole10948EE1',
  ],
};

test.each(Object.entries(SHARED))('the logical ids of what a stack shares below %s are the same in every template, for ever', (construct, all) => {
  const functionAlone = [`${construct === 'AiServicesOptOutMonitoring' ? 'monitor-' : ''}every-prop`];
  const idsOf = (define: typeof FEATURES[string]) => Object.keys(Template.fromStack(define(new App())).toJSON().Resources);
  const found = Object.entries(FEATURES)
    .map(([name, define]) => ({ name, ids: idsOf(define).filter((id) => id.startsWith(construct)) }))
    .filter(({ ids }) => ids.length > 0);
  expect(found.length).toBeGreaterThan(3);
  for (const { name, ids } of found) expect({ [name]: ids.sort() }).toEqual({ [name]: functionAlone.includes(name) ? all.slice(0, 1) : all });
});
