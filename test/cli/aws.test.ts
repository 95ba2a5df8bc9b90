import { isolateAwsEnvironment } from './aws-environment';
import { serveLandingZone, serveNothing } from './endpoint';
import { connect } from '../../src/cli/aws';
import type { AwsOptions } from '../../src/cli/aws-options';
import type { CommandContext } from '../../src/cli/command-context';

const aws = isolateAwsEnvironment();
const context = { signal: new AbortController().signal } as CommandContext;

async function regionFor(options: AwsOptions): Promise<string> {
  const { url } = await serveNothing();
  const { clientConfig: { region } } = await connect({ ...options, endpointUrl: url }, context);
  return typeof region === 'function' ? region() : region!;
}

describe('the region comes from', () => {
  const profile = '[profile china]\nregion = cn-northwest-1\naws_access_key_id = test\naws_secret_access_key = test\n';

  test('--region first', async () => {
    aws.set({ AWS_REGION: 'eu-west-1' });
    expect(await regionFor({ region: 'us-gov-west-1' })).toBe('us-gov-west-1');
  });

  test('the environment, also by the name that the AWS CLI uses', async () => {
    aws.set({ AWS_DEFAULT_REGION: 'eu-west-2' });
    expect(await regionFor({})).toBe('eu-west-2');
    aws.set({ AWS_REGION: 'eu-west-1' });
    expect(await regionFor({})).toBe('eu-west-1');
  });

  test('the profile', async () => {
    aws.config(profile);
    expect(await regionFor({ profile: 'china' })).toBe('cn-northwest-1');
  });

  test('nowhere: us-east-1, because Organizations is global', async () => {
    expect(await regionFor({})).toBe('us-east-1');
  });
});

test('the caller is who the credentials belong to', async () => {
  const { url } = await serveNothing();
  aws.set({ AWS_ACCESS_KEY_ID: '444455556666' });

  expect((await connect({ endpointUrl: url }, context)).caller).toEqual({ arn: 'arn:aws:iam::444455556666:user/Administrator', accountId: '444455556666' });
});

test.each(['aws-us-gov', 'aws-cn'])('credentials of partition %s are refused, which has no such policies', async (partition) => {
  const { url, endpoint } = await serveLandingZone();
  endpoint.registerCaller('AKIACALLER', { accountId: '444455556666', arn: `arn:${partition}:iam::444455556666:user/jane` });
  aws.set({ AWS_ACCESS_KEY_ID: 'AKIACALLER' });

  await expect(connect({ endpointUrl: url }, context)).rejects.toThrow(
    `AWS does not offer AISERVICES_OPT_OUT_POLICY in partition ${partition}; use credentials of an organization in another partition`);
});

test('a profile without credentials is told apart from one that is not there', async () => {
  aws.config('[profile half]\nregion = eu-west-1\n');

  await expect(connect({ profile: 'half' }, context)).rejects.toThrow(/^the profile "half" gives no credentials: /);
  await expect(connect({ profile: 'nobody' }, context)).rejects.toThrow(/^there is no profile "nobody"/);
});
