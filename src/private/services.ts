import { OptOutError } from './errors';
import { AI_SERVICE, requireType } from './types';
import type { AiService } from '../ai-service';

/**
 * Returns the keys of a list of services, sorted, so that their order never reaches a template.
 *
 * @param insteadOfEmpty what to write instead of an empty list; absent: the list may be empty.
 * @throws if an item is no service or is there twice.
 */
export function uniqueKeys(parameter: string, services: AiService[], insteadOfEmpty?: string): string[] {
  requireType(parameter, services, [AI_SERVICE]);
  if (insteadOfEmpty !== undefined && services.length === 0) {
    throw new OptOutError('ServicesEmpty', `${parameter} must name at least one service, got an empty list; ${insteadOfEmpty}`);
  }
  const keys = services.map(({ key }) => key);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  if (twice.length > 0) {
    throw new OptOutError('ServicesDuplicate', `${parameter} names ${[...new Set(twice)].join(', ')} more than once; name each service once`);
  }
  return keys.sort();
}
