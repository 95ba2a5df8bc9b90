import { Stack, type CfnResource } from 'aws-cdk-lib';

/**
 * Acknowledges the AwsSolutions-IAM5 findings of a role for these resources, for cdk-nag 2 (template metadata) and 3 (construct metadata),
 * without depending on either: nobody can avoid these wildcards. Every other finding is the consumer's to decide.
 */
export function acknowledgeWildcards(role: CfnResource, resources: string[], withoutResourceType = 'the list actions'): void {
  const reason = 'The ids of the organization, its root, OUs, accounts and policies are unknown before deployment; '
    + `${withoutResourceType} have no resource type.`;
  const findings = [...new Set(resources)].map((resource) => `Resource::${flatten(Stack.of(role).resolve(resource))}`);
  role.addMetadata('cdk_nag', { rules_to_suppress: [{ id: 'AwsSolutions-IAM5', reason, applies_to: findings }] });
  for (const finding of findings) {
    role.node.addMetadata('aws:cdk:acknowledged-rules', { [`AwsSolutions-IAM5[${finding}]`]: reason });
  }
}

/** A resolved value as cdk-nag prints it: references in angle brackets. */
function flatten(value: any): string {
  if (typeof value !== 'object') return String(value);
  if (value.Ref) return `<${value.Ref}>`;
  if (value['Fn::GetAtt']) return `<${[value['Fn::GetAtt']].flat().join('.')}>`;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(flatten).join(value['Fn::Join'][0]);
  return JSON.stringify(value);
}
