/** One structured line; CloudWatch Logs Insights finds its fields. Never give it the event: ResponseURL is a credential. */
export function log(step: string, facts: object): void {
  console.log(JSON.stringify({ step, ...facts }));
}
