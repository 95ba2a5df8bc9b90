import type { AiService } from './ai-service';
import { uniqueKeys } from './private/services';
import { AI_SERVICE, requireTypes } from './private/types';

/**
 * Options of `OptOutScope.allServices`.
 */
export interface AllServicesOptions {
  /**
   * Services that stay opted in. They are not locked: an OU or account may still opt out of them.
   *
   * @default - none: every service is opted out
   */
  readonly optIn?: AiService[];
}

/**
 * Which services the policy opts out of.
 */
export class OptOutScope {
  /**
   * Every service, those included that AWS adds in future.
   *
   * @throws when `optIn` names a service twice.
   */
  public static allServices(options: AllServicesOptions = {}): OptOutScope {
    requireTypes(options, { optIn: [AI_SERVICE] });
    return new OptOutScope(true, [], uniqueKeys('optIn', options.optIn ?? []));
  }

  /**
   * These services and no others. The rest, and what AWS adds in future, is left as it is.
   *
   * @throws when the list is empty or names a service twice.
   */
  public static services(services: AiService[]): OptOutScope {
    return new OptOutScope(false, uniqueKeys('services', services, 'use OptOutScope.allServices() for every service'), []);
  }

  /**
   * Whether a service that AWS adds in future is opted out as soon as it appears.
   */
  public readonly coversFutureServices: boolean;

  /**
   * Keys opted out by name.
   *
   * @internal
   */
  public readonly _optOut: string[];

  /**
   * Keys that stay opted in.
   *
   * @internal
   */
  public readonly _optIn: string[];

  private constructor(coversFutureServices: boolean, optOut: string[], optIn: string[]) {
    this.coversFutureServices = coversFutureServices;
    this._optOut = optOut;
    this._optIn = optIn;
  }
}
