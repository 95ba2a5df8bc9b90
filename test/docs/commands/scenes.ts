import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { AwsApi } from './aws-api';
import type { Organizations } from '../../../simulator/organizations/organizations';
import { AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor } from '../../../src';
import { LOCKED } from '../../support/documents';

export const MANAGEMENT = '111122223333';
export const DELEGATED = '444455556666';

/** The organization that the documents tell of. */
export function organization(organizations: Organizations): void {
  organizations.createOrganization({ managementAccountId: MANAGEMENT });
  organizations.createAccount({ name: 'Security Tooling', id: DELEGATED });
  const sandbox = organizations.createOrganizationalUnit('Sandbox');
  organizations.createAccount({ name: 'Playground', id: '222233334444', parentId: sandbox });
  organizations.createAccount({ name: 'Experiments', id: '333344445555', parentId: sandbox });
}

const UNLOCKED = '{"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}';
const OPT_IN = '{"services": {"lex": {"opt_out_policy": {"@@assign": "optIn"}}}}';

function attached(organizations: Organizations, name: string, content: string, targetIds = [organizations.rootId]): void {
  organizations.enablePolicyType('AISERVICES_OPT_OUT_POLICY');
  organizations.addPolicy({ name, content, targetIds });
}

async function optedOut({ aws: { organizations } }: AwsApi): Promise<void> {
  attached(organizations, 'AiServicesOptOut', LOCKED);
}

/** What is there before the first command is typed: by document, or document and section. */
export const SCENES: Record<string, (api: AwsApi) => Promise<void>> = {
  'README.md': optedOut,
  'docs/verify.md': optedOut,
  'docs/taking-over.md#from-a-policy-made-in-the-console': async ({ aws: { organizations } }) => attached(organizations, 'OptOutFromAllAIServices', LOCKED),
  'docs/taking-over.md#keep-the-policy-and-manage-it-with-the-command-line': async ({ aws: { organizations } }) => attached(organizations, 'OptOutFromAllAIServices', UNLOCKED),
  'docs/taking-over.md#from-terraform': async ({ aws: { organizations } }) => attached(organizations, 'ai-opt-out', LOCKED),
  'docs/taking-over.md#from-a-script': async ({ aws: { organizations } }) => {
    attached(organizations, 'ai-opt-out-1a2b', UNLOCKED, [MANAGEMENT]);
    attached(organizations, 'ai-opt-out-3c4d', UNLOCKED, []);
  },
  'docs/taking-over.md#from-another-library': optedOut,
  // Somebody has detached the policy, and another one opts in.
  'docs/monitoring.md#runbook': async (api) => {
    const { organizations } = api.aws;
    await api.deploy('AiOptOut', stack((inside) => {
      new AiServicesOptOut(inside, 'OptOut');
      new AiServicesOptOutMonitor(inside, 'Monitor', { notificationTopic: new Topic(inside, 'Changes', { enforceSSL: true }) });
    }));
    const somebody = { accountId: MANAGEMENT, arn: `arn:aws:iam::${MANAGEMENT}:user/somebody` };
    const { Policies } = await organizations.call('ListPolicies', { Filter: 'AISERVICES_OPT_OUT_POLICY' }, somebody) as any;
    await organizations.call('DetachPolicy', { PolicyId: Policies[0].Id, TargetId: organizations.rootId }, somebody);
    attached(organizations, 'LetThemLearn', OPT_IN, ['222233334444']);
  },
  'docs/monitoring.md#aws-config-rule': async (api) => api.deploy('AiOptOut', stack((inside) => new AiServicesOptOutConfigRule(inside, 'Rule'))),
};

function stack(define: (inside: Stack) => void): any {
  const app = new App({ analyticsReporting: false });
  const inside = new Stack(app, 'AiOptOut', { env: { account: MANAGEMENT, region: 'us-east-1' } });
  define(inside);
  return app.synth().getStackByName('AiOptOut').template;
}
