import { comment, parameterLines, REGION, whyOneRegion, type Deployment } from './manifest';

/** The entry in the customizations of the Landing Zone Accelerator on AWS. */
export function lzaConfig(deployment: Deployment): string {
  return `${comment('Landing Zone Accelerator on AWS (LZA): opts the organization out of AI services\' use of its content. Copy '
    + `${deployment.templatePath} into your configuration repository, and the entry below into its customizations-config.yaml.`).join('\n')}
#
${comment('Why accounts and not organizationalUnits: only the management account, or a delegated administrator account, can make the policy. '
    + 'With organizationalUnits: [Root], LZA makes a stack in every account, and all but that in the management account fail.').join('\n')}
#
${comment('Why not cloudFormationStackSets: a StackSet with service-managed permissions never deploys in the management account.').join('\n')}
---
customizations:
  cloudFormationStacks:
    - name: AiServicesOptOut
      description: Opts the organization out of AI services' use of its content
      deploymentTargets:
${comment('What accounts-config.yaml calls the management account.', '        ').join('\n')}
        accounts:
          - Management
${comment(whyOneRegion(deployment), '      ').join('\n')}
      regions:
        - ${REGION}
${comment('It waits for nothing and nothing waits for it.', '      ').join('\n')}
      runOrder: 1
      template: ${deployment.templatePath}
${comment('The policy outlives its stack. Whoever deletes the stack ought to mean it all the same.', '      ').join('\n')}
      terminationProtection: true
      parameters:
${parameterLines(deployment, ['name', 'value'], '        ')}
`;
}
