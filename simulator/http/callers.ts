import { AwsError } from '../aws-error';
import type { Caller } from '../caller';

/**
 * Who signs with which access key.
 *
 * A registered key is whoever it was registered for, 12 digits are an administrator of that account, and any other key is an administrator of the
 * management account. Signatures are not verified: nobody has secrets here.
 */
export class Callers {
  private readonly registered = new Map<string, Caller>();

  public constructor(private readonly managementAccountId: () => string) {}

  public register(accessKeyId: string, caller: Caller): void {
    this.registered.set(accessKeyId, caller);
  }

  /** From the Authorization header of a request. */
  public from(authorization: string | undefined): Caller {
    const accessKeyId = /Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1];
    if (!accessKeyId) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', undefined, 403);
    return this.registered.get(accessKeyId) ?? administratorOf(/^\d{12}$/.test(accessKeyId) ? accessKeyId : this.managementAccountId());
  }
}

/** Somebody who may do everything that the account may. */
export function administratorOf(accountId: string): Caller {
  return { accountId, arn: `arn:aws:iam::${accountId}:user/Administrator` };
}
