import { Stack, type CfnResource } from 'aws-cdk-lib';

/** Returns the properties of a resource as the template has them, with overrides. To be called while the template is written, after all aspects. */
export function finalProperties(resource: CfnResource): any {
  const stack = Stack.of(resource);
  // The CDK's own way from a resource to its template. No public method includes overrides.
  const { Resources } = stack.resolve((resource as any)._toCloudFormation());
  return Resources[stack.resolve(resource.logicalId)].Properties;
}
