import { FEATURES } from '../support/every-feature';

type Define = typeof FEATURES[string];

/** Makes the CDK throw where it would print a warning into the output of every consumer. It does so once for each deprecated member. */
const MODE = 'JSII_DEPRECATED';

describe('deprecated members of the newest CDK', () => {
  const before = process.env[MODE];
  beforeEach(() => { process.env[MODE] = 'fail'; });
  afterEach(() => {
    if (before === undefined) delete process.env[MODE];
    else process.env[MODE] = before;
  });

  test('are not used', () => {
    const { App } = jest.requireActual<{ App: new () => Parameters<Define>[0] }>('aws-cdk-lib');
    for (const define of Object.values(FEATURES)) expect(() => define(new App())).not.toThrow();
  });

  test('would be noticed', () => {
    jest.isolateModules(() => {
      const { Stack, CfnResource } = jest.requireActual('aws-cdk-lib');
      const stack = new Stack();
      const [one, other] = ['One', 'Other'].map((id) => new CfnResource(stack, id, { type: 'Test::Resource' }));
      expect(() => one.addDependency(other)).toThrow(/deprecated/);
    });
  });
});
