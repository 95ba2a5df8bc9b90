import { SimulatedAws } from '../simulator/cloudformation/simulated-aws';

/** A template, and the number of assets that it is deployed with. */
export interface Synthesized {
  readonly template: any;
  readonly text: string;
  readonly assets: number;
}

/** A measured figure and its limit. */
export interface Figure {
  readonly name: string;
  readonly measured: number;
  readonly allowed: number;
}

/** Measures what the one-liner deploys. */
export async function figuresOf({ template, text, assets }: Synthesized): Promise<Figure[]> {
  const resources = Object.values<any>(template.Resources);
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const [{ Properties: { Code: { ZipFile: code } } }] = ofType('AWS::Lambda::Function');
  const [{ Properties: { Content: content } }] = ofType('AWS::Organizations::Policy');
  return [
    { name: 'Resources', measured: resources.length, allowed: 5 },
    { name: 'Lambda functions', measured: ofType('AWS::Lambda::Function').length, allowed: 1 },
    { name: 'Assets', measured: assets, allowed: 0 },
    { name: 'Function code, bytes', measured: Buffer.byteLength(code), allowed: 24 * 1024 },
    { name: 'Template minified, bytes', measured: Buffer.byteLength(JSON.stringify(template)), allowed: 32 * 1024 },
    { name: 'Template as written, bytes', measured: Buffer.byteLength(text), allowed: 51_200 },
    { name: 'Policy, characters', measured: JSON.stringify(content).length, allowed: 221 },
    { name: 'Organizations calls, type already enabled', measured: await callsWhenEnabled(template), allowed: 4 },
  ];
}

/** Measures what a template with the monitor deploys. */
export function monitorFiguresOf({ template, text, assets }: Synthesized): Figure[] {
  const codes = Object.values<any>(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function').map(({ Properties }) => Buffer.byteLength(Properties.Code.ZipFile));
  return [
    { name: 'With the monitor: functions', measured: codes.length, allowed: 2 },
    { name: 'With the monitor: assets', measured: assets, allowed: 0 },
    { name: 'Code of the monitoring function, bytes', measured: Math.max(...codes), allowed: 64 * 1024 },
    { name: 'Template with everything as written, bytes', measured: Buffer.byteLength(text), allowed: 150_000 },
  ];
}

/** Counts the function's calls when it is deployed to an organization that has the policy type enabled and no policies. */
async function callsWhenEnabled(template: object): Promise<number> {
  const aws = await SimulatedAws.start({ scene: (organizations) => organizations.createOrganization().enablePolicyType('AISERVICES_OPT_OUT_POLICY') });
  try {
    await aws.cloudFormation.createStack({ stackName: 'Figures', template });
    return aws.organizations.calls.filter(({ callerArn }) => callerArn.includes('AiServicesOptOutPolicyType')).length;
  } finally {
    await aws.close();
  }
}
