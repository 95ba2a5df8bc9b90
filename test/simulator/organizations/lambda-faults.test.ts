import { until } from './simulated';
import { SimulatedAws } from '../../../simulator/cloudformation/simulated-aws';
import type { FaultOptions } from '../../../simulator/organizations/organizations';
import { allow, handler, withFunction } from '../cloudformation/scene';

/** Calls ListRoots as often as the SDK wants, gives up after ten seconds, and returns what became of it. */
const LIST_ROOTS = handler(`
  const { ListRootsCommand, OrganizationsClient } = require('@aws-sdk/client-organizations');
  const started = Date.now();
  const outcome = await new OrganizationsClient({}).send(new ListRootsCommand({}), { abortSignal: AbortSignal.timeout(10_000) }).then(
    () => ({ name: 'ok' }),
    ({ name, code, $metadata: { httpStatusCode: status } = {} }) => ({ name, code, status }),
  );
  console.log(JSON.stringify({ ...outcome, gaveUp: Date.now() - started === 10_000 }));
`);

let aws: SimulatedAws;
beforeAll(async () => {
  aws = await SimulatedAws.start();
  const Resources = withFunction(LIST_ROOTS, {}, allow('organizations:ListRoots'));
  expect(await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources } })).toMatchObject({ status: 'CREATE_COMPLETE' });
});
afterAll(async () => { await aws.close(); });

// The function lives in simulated time, as its AWS does: the Date header of an answer must not make the SDK correct its clock and retry.
test.each<[string, FaultOptions, object, string[]]>([
  ['does not retry a definite error', { error: { code: 'AccessDeniedException' } }, { name: 'AccessDeniedException', status: 400 }, ['AccessDeniedException']],
  ['retries an answer that is cut in its body', { cutAnswer: true, calls: [1] }, { name: 'ok' }, ['ConnectionDropped', 'ok']],
  [
    'gives up on answers that are cut in their bodies', { cutAnswer: true }, { name: 'Error', code: 'ECONNRESET', status: 200 },
    ['ConnectionDropped', 'ConnectionDropped', 'ConnectionDropped'],
  ],
  ['waits ten seconds for an answer that stalls', { stallAnswer: true }, { name: 'AbortError', gaveUp: true }, ['ConnectionDropped']],
  ['retries an HTTP 429 without a body', { answer: { status: 429 }, calls: [1] }, { name: 'ok' }, ['Unknown', 'ok']],
  ['corrects its clock when that of AWS is elsewhere', { clockSkewMs: 3_600_000 }, { name: 'ok' }, ['InvalidSignatureException', 'ok']],
])('in a function, the SDK %s', async (_, fault, seen, calls) => {
  aws.organizations.calls.length = 0;
  const added = aws.organizations.faults.add({ operation: 'ListRoots', ...fault });
  const arn = aws.cloudFormation.describeStack('Stack').resources.find(({ logicalId }) => logicalId === 'Function')!.attributes.Arn as string;
  const { logLines } = await aws.cloudFormation.invokeFunction(arn, {});
  added.remove();
  const line = logLines.find((text) => text.includes('{'))!;
  expect(JSON.parse(line.slice(line.indexOf('{')))).toEqual({ gaveUp: false, ...seen });
  expect(aws.organizations.calls.map(({ outcome }) => outcome)).toEqual(calls);
  await until(() => aws.endpoint.active === 0 && aws.endpoint.held === 0);
});
