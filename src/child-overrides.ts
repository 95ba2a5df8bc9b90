import type { AiService } from './ai-service';
import { uniqueKeys } from './private/services';

/**
 * Whether policies further down, on OUs and accounts, may change what this policy sets.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
 */
export class ChildOverrides {
  /**
   * Nobody below may opt back in. What stays opted in may still be opted out of.
   */
  public static denied(): ChildOverrides {
    return new ChildOverrides(false, []);
  }

  /**
   * Everybody below may opt back in. Such a policy is a default, not a guarantee, and fails the checks that auditors run.
   */
  public static allowed(): ChildOverrides {
    return new ChildOverrides(true, []);
  }

  /**
   * Everybody below may decide for these services, and for no others. That includes accounts that could not decide before, because an OU
   * above them had closed `services` to new entries.
   *
   * @param services must be covered by the policy.
   * @throws when the list is empty or names a service twice.
   */
  public static allowedFor(services: AiService[]): ChildOverrides {
    return new ChildOverrides(false, uniqueKeys('allowedFor', services, 'use ChildOverrides.denied() to allow none'));
  }

  /**
   * Whether nothing is locked at all.
   *
   * @internal
   */
  public readonly _all: boolean;

  /**
   * Keys that are not locked.
   *
   * @internal
   */
  public readonly _keys: string[];

  private constructor(all: boolean, keys: string[]) {
    this._all = all;
    this._keys = keys;
  }
}
