import { refusals } from './errors';
import type { Context } from './operations/operation';

/** What every List operation is sent. */
export interface PageRequest {
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

/**
 * One page of a list, and the token for the next.
 *
 * A token is only good for the operation and the parameters that it came from. AWS may answer an empty page that still has a token; the
 * `emptyPages` setting makes the first page such a one.
 */
export function page<T>(all: readonly T[], request: PageRequest, { operation, settings }: Context): { items: T[]; NextToken?: string } {
  const { NextToken, MaxResults, ...parameters } = request;
  const origin = JSON.stringify([operation, parameters]);
  const start = NextToken === undefined ? 0 : offsetIn(NextToken, origin);
  if (NextToken === undefined && settings.emptyPages.includes(operation)) return { items: [], NextToken: tokenFor(origin, 0) };

  const end = start + Math.min(settings.pageSize, MaxResults ?? 20);
  return { items: all.slice(start, end), ...(end < all.length && { NextToken: tokenFor(origin, end) }) };
}

function tokenFor(origin: string, offset: number): string {
  return Buffer.from(JSON.stringify({ origin, offset })).toString('base64url');
}

function offsetIn(token: string, origin: string): number {
  try {
    const content = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (content.origin === origin && Number.isInteger(content.offset) && content.offset >= 0) return content.offset;
  } catch {
    // Not one of ours: refused below
  }
  throw refusals.invalidToken();
}
