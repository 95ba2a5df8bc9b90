/** One line of JSON. Written past console.log, which would put the time before it: CloudWatch takes metrics from bare JSON only. */
export function log(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}
