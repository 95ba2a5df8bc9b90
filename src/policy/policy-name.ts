/** Characters of a policy's name, in the service model's shape `PolicyName`: any characters, pattern `[\s\S]*`. */
export const MAX_NAME_CHARACTERS = 128;

/** Returns what is wrong with a policy's name, for a message that begins with the option. AWS counts characters, not UTF-16 units. */
export function policyNameProblem(name: string): string | undefined {
  const characters = [...name].length;
  return characters >= 1 && characters <= MAX_NAME_CHARACTERS ? undefined : `must have 1 to ${MAX_NAME_CHARACTERS} characters, got ${characters}`;
}
