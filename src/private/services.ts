import { OptOutError } from './errors';
import type { AiService } from '../ai-service';

/** Keys of a list of services that must be free of duplicates, sorted, so that their order never reaches a template. */
export function uniqueKeys(parameter: string, services: AiService[]): string[] {
  const keys = services.map(({ key }) => key);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  if (twice.length > 0) {
    throw new OptOutError('ServicesDuplicate', `${parameter} names ${[...new Set(twice)].join(', ')} more than once; name each service once`);
  }
  return keys.sort();
}

/** As `uniqueKeys`, for a list that says nothing when it is empty. */
export function someKeys(parameter: string, services: AiService[], instead: string): string[] {
  if (services.length === 0) {
    throw new OptOutError('ServicesEmpty', `${parameter} must name at least one service, got an empty list; ${instead}`);
  }
  return uniqueKeys(parameter, services);
}
