import { App, Stack } from 'aws-cdk-lib';
import { AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor } from '../../src';
import { parameterGroups } from '../../src/cli/template/parameters';
import { checkOrganization } from '../../src/handlers/policy-type/preflight';
import { unsupportedPartitionOf } from '../../src/policy';

const REGIONS: [region: string, partition: string, supported: boolean][] = [
  ['us-east-1', 'aws', true], ['eu-central-2', 'aws', true], ['ca-west-1', 'aws', true],
  ['us-gov-west-1', 'aws-us-gov', false], ['us-gov-east-1', 'aws-us-gov', false], ['cn-north-1', 'aws-cn', false], ['cn-northwest-1', 'aws-cn', false],
  ['eusc-de-east-1', 'aws-eusc', true], ['us-iso-east-1', 'aws-iso', true], ['us-isob-east-1', 'aws-iso-b', true],
  ['eu-isoe-west-1', 'aws-iso-e', true], ['us-isof-south-1', 'aws-iso-f', true],
];

describe.each(REGIONS)('%s in partition %s', (region, partition, supported) => {
  test('is known to the one list', () => {
    expect(unsupportedPartitionOf(region)).toBe(supported ? undefined : partition);
  });

  test.each([
    ['AiServicesOptOut', AiServicesOptOut], ['AiServicesOptOutMonitor', AiServicesOptOutMonitor], ['AiServicesOptOutConfigRule', AiServicesOptOutConfigRule],
  ])(`is ${supported ? 'accepted' : 'refused'} by %s`, (_name, construct) => {
    const define = () => new construct(new Stack(new App(), 'AiOptOut', { env: { region } }), 'Construct');
    if (supported) expect(define).not.toThrow();
    else expect(define).toThrow(`the stack's Region must not be in partition ${partition}, got ${region}; AWS does not offer AI services opt-out policies there`);
  });

  test(`is ${supported ? 'left to the Organizations API' : 'refused'} by the custom resource`, async () => {
    const api = { call: async () => Promise.reject(new Error('asked AWS')) } as unknown as Parameters<typeof checkOrganization>[0];
    await expect(checkOrganization(api, `arn:${partition}:cloudformation:${region}:111122223333:stack/AiOptOut/1`))
      .rejects.toThrow(supported ? 'asked AWS' : `AWS does not offer AISERVICES_OPT_OUT_POLICY in partition ${partition}.`);
  });

  test(`is ${supported ? 'accepted' : 'refused'} in the template's ARNs`, () => {
    const [, messages] = parameterGroups({ monitor: true });
    const arns = [`arn:${partition}:sns:${region}:111122223333:alerts`, `arn:${partition}:kms:${region}:111122223333:key/1234`];
    expect(messages!.parameters.map(({ allowedPattern }, index) => new RegExp(allowedPattern!).test(arns[index]!))).toEqual([supported, supported]);
  });
});
