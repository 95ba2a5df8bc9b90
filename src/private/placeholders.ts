/**
 * Whether a text has the value that `StringParameter.valueFromLookup` returns until the CDK has looked the parameter up. The CDK synthesizes
 * again with the looked-up value and never deploys the first result, so what depends on such a text is checked in the second synthesis.
 */
export function isPlaceholder(text: string): boolean {
  return text.includes('dummy-value-for-');
}
