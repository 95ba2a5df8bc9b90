let request: string;

/** Sets the CloudFormation request that the following lines belong to. */
export function logRequest(requestId: string): void {
  request = requestId;
}

/** Logs one JSON line, for CloudWatch Logs Insights. The event must not be logged: ResponseURL is a credential. */
export function log(step: string, facts: object): void {
  console.log(JSON.stringify({ step, RequestId: request, ...facts }));
}
