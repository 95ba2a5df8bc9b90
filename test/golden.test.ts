import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FEATURES } from './helpers/every-feature';
import { HANDLER } from './helpers/stacks';

/** Consumers compare their templates with earlier ones: see golden/README.md before changing a golden template. */
const UPDATE = process.env.UPDATE_GOLDEN === '1';

/** The code has tests of its own, and would hide the rest of the template. */
const CODE = '(assets/handlers/policy-type/index.js)';

describe('templates', () => {
  test.each(Object.entries(FEATURES))('%s is as it was', (name, define) => {
    const file = join(__dirname, 'golden', `${name}.json`);
    const template = JSON.parse(JSON.stringify(Template.fromStack(define(new App())).toJSON(), (_key, value) => value === HANDLER ? CODE : value));
    if (UPDATE) writeFileSync(file, `${JSON.stringify(template, undefined, 2)}\n`);
    expect(template).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });
});

test('the logical ids of what a stack shares are the same in every template, for ever', () => {
  for (const [name, define] of Object.entries(FEATURES)) {
    const ids = Object.keys(Template.fromStack(define(new App())).toJSON().Resources).filter((id) => id.startsWith('AiServicesOptOutPolicyType'));
    expect({ [name]: ids.sort() }).toEqual({
      [name]: name === 'every-prop' ? ['AiServicesOptOutPolicyTypeFunctionC58C735F'] : [
        'AiServicesOptOutPolicyTypeFunctionC58C735F', 'AiServicesOptOutPolicyTypeLogGroup42C53BE0', 'AiServicesOptOutPolicyTypeRoleB9B9F88C',
      ],
    });
  }
});
