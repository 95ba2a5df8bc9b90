import type { AwsError } from '../aws-error';

/** A body as AWS JSON 1.1 wants it: timestamps are epoch seconds with milliseconds. */
export function awsJson(output: object): string {
  return JSON.stringify(withEpochSeconds(output));
}

/** An error of Organizations, as recorded from AWS: code without prefix, `Message` with a capital, `Reason` only where there is one. */
export function awsJsonError({ code, message, reason }: AwsError): string {
  return JSON.stringify({ __type: code, ...(message && { Message: message }), ...(reason && { Reason: reason }) });
}

/** An error as the other services write it: `message` as their service models spell it. */
export function jsonError({ code, message }: AwsError): string {
  return JSON.stringify({ __type: code, ...(message && { message }) });
}

/** An error as the Query services write it. */
export function queryError({ code, message, status }: AwsError, requestId: string): string {
  return [
    '<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">',
    '  <Error>',
    `    <Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>`,
    `    <Code>${escapeXml(code)}</Code>`,
    `    <Message>${escapeXml(message)}</Message>`,
    '  </Error>',
    `  <RequestId>${requestId}</RequestId>`,
    '</ErrorResponse>',
    '',
  ].join('\n');
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function withEpochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withEpochSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withEpochSeconds(member)]));
}
