import { comment, parameterLines, quoted, REGION, whyOneRegion, type Deployment } from './manifest';

/** Not a list on purpose: CfCT's check of the manifest refuses it. An id that CfCT does not know it would pass over without a word. */
const PLACEHOLDER = 'REPLACE-THIS-WITH-A-LIST: the 12 digits of the management account';

/**
 * The manifest of Customizations for AWS Control Tower, with one resource.
 *
 * Its pipeline finds files with grep: the file's name stands unquoted in a line that begins with its key.
 */
export function cfctManifest(deployment: Deployment, managementAccountId?: string): string {
  const account = managementAccountId ?? '111122223333';
  return `${comment('Customizations for AWS Control Tower (CfCT): opts the organization out of AI services\' use of its content. Copy '
    + `${deployment.templatePath} into your CfCT package, and the entry under "resources" into its manifest.`).join('\n')}
#
${comment('Why accounts and not organizational_units: only the management account, or a delegated administrator account, can make the '
    + 'policy. With the organizational unit Root, CfCT deploys in all enrolled accounts except the management account, and fails in each.').join('\n')}
#
${comment('Why not a StackSet with service-managed permissions: those never deploy in the management account. CfCT uses self-managed '
    + 'StackSets, which do, with the role AWSControlTowerExecution of the account. Control Tower makes that role in every account but the '
    + 'management account. There, make it once:').join('\n')}
#
#   aws iam create-role --role-name AWSControlTowerExecution --assume-role-policy-document \\
#     '${trustPolicy(account)}'
#   aws iam attach-role-policy --role-name AWSControlTowerExecution --policy-arn \\
#     arn:aws:iam::aws:policy/AdministratorAccess
#
${comment('AdministratorAccess is what the role has in all other accounts. Less will do: what CloudFormation needs for the resources of the template.').join('\n')}
${managementAccountId === undefined ? `${comment(`Put the id of your management account for ${account}.`).join('\n')}\n` : ''}---
# In your own manifest: your Control Tower home Region.
region: ${REGION}
version: 2021-03-15

resources:
  - name: ai-services-opt-out
    description: Opts the organization out of AI services' use of its content
    resource_file: ${deployment.templatePath}
    deploy_method: stack_set
    deployment_targets:
${comment('The management account and no other.', '      ').join('\n')}
${managementAccountId === undefined ? placeholder() : `      accounts:\n        - ${quoted(managementAccountId)}`}
${comment(whyOneRegion(deployment), '    ').join('\n')}
    regions:
      - ${REGION}
    parameters:
${parameterLines(deployment, ['parameter_key', 'parameter_value'], '      ')}
`;
}

/** What lets the role of Control Tower's StackSets, and nobody else, use it. */
function trustPolicy(account: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{
      Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:role/service-role/AWSControlTowerStackSetRole` }, Action: 'sts:AssumeRole',
    }],
  });
}

function placeholder(): string {
  return [
    ...comment('Replace the next line. Until then the pipeline stops when it checks this file. It has to look like this:', '      '),
    '      #   accounts:',
    '      #     - \'111122223333\'',
    `      accounts: ${quoted(PLACEHOLDER)}`,
  ].join('\n');
}
