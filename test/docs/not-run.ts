import type { Command } from './shell';

/** Why commands of the documents are not run by test/docs/commands, by how they begin. */
export const NOT_RUN: { readonly [reason: string]: readonly string[] } = {
  'a clean clone is needed, and CI runs it as a step of its own (.ci/run)': [
    'npm ci && npx projen demo', 'npm ci && npx projen test', 'npm ci', 'npx projen test',
  ],
  'the packages are published with the first release; test:languages installs what was packaged': [
    'npm install cdk-ai-services-opt-out', 'pip install cdk-ai-services-opt-out',
  ],
  'Terraform is not on the machine, and the provider would want a real organization': ['terraform state rm '],
  'AWS CLI version 2 only, and version 1 is what PyPI has': ['aws logs tail ', 'aws lambda invoke '],
  'the simulator keeps no history of calls that could be looked up': ['aws cloudtrail lookup-events '],
  'the simulator has metrics, but not the API that reads them': ['aws cloudwatch get-metric-statistics '],
  'the simulator has rules, but not the API that describes them': ['for RULE in $(aws cloudformation describe-stack-resources '],
  'the simulator has queues, but not the API that reads, redrives and purges them': [
    'aws sqs get-queue-attributes ', 'aws sqs receive-message ', 'aws sqs start-message-move-task ', 'aws sqs purge-queue ',
  ],
  'the simulator has Config rules, but not the API that starts and describes them': [
    'aws configservice start-config-rules-evaluation ', 'aws configservice describe-config-rule-evaluation-status ',
    'aws configservice get-compliance-details-by-config-rule ', 'aws configservice describe-configuration-recorders ',
    'aws configservice describe-configuration-recorder-status ',
  ],
};

/** Why a command is not run, if it is not. */
export function reasonNotToRun({ text }: Pick<Command, 'text'>): string | undefined {
  return Object.entries(NOT_RUN).find(([, beginnings]) => beginnings.some((beginning) => beginning === text || (/[ (]$/.test(beginning) && text.startsWith(beginning))))?.[0];
}
