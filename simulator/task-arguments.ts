/** What was typed behind the task's name: `npx projen demo --keep` and `npx projen demo -- --keep` mean the same, and projen hands the `--` on. */
export function taskArguments(): string[] {
  const [first, ...rest] = process.argv.slice(2);
  if (first === undefined) return [];
  return first === '--' ? rest : [first, ...rest];
}
