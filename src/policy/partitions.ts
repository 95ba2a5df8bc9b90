/**
 * Partitions in which AWS documents that AI services opt-out policies cannot be used. AWS documents nothing about the others, such as
 * `aws-eusc` and `aws-iso`: there the result is that of the Organizations API.
 *
 * @see https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-organizations.html
 * @see https://docs.amazonaws.cn/en_us/aws/latest/userguide/organizations.html
 */
export const UNSUPPORTED_PARTITIONS = ['aws-us-gov', 'aws-cn'];

/** Returns the unsupported partition of a Region, whose name begins as the partition's ends: `cn-north-1` is in `aws-cn`. */
export function unsupportedPartitionOf(region: string): string | undefined {
  return UNSUPPORTED_PARTITIONS.find((partition) => `aws-${region}`.startsWith(`${partition}-`));
}
