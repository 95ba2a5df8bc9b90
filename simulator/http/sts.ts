import type { Caller } from '../caller';
import { escapeXml } from './wire';

/** STS GetCallerIdentity, which needs no permission. */
export function getCallerIdentity({ accountId, arn }: Caller, requestId: string): string {
  return [
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">',
    '  <GetCallerIdentityResult>',
    `    <Arn>${escapeXml(arn)}</Arn>`,
    `    <UserId>${userIdFor(accountId, arn)}</UserId>`,
    `    <Account>${accountId}</Account>`,
    '  </GetCallerIdentityResult>',
    '  <ResponseMetadata>',
    `    <RequestId>${requestId}</RequestId>`,
    '  </ResponseMetadata>',
    '</GetCallerIdentityResponse>',
    '',
  ].join('\n');
}

/** Role sessions are named after the role's id and the session, users have an id of their own. */
function userIdFor(accountId: string, arn: string): string {
  const session = /:assumed-role\/[^/]+\/(.+)$/.exec(arn)?.[1];
  return session ? `AROA${accountId}ROLE:${escapeXml(session)}` : `AIDA${accountId}USER`;
}
