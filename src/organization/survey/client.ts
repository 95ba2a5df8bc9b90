import type { OrganizationsClient } from '../organizations-client';

/** What a survey needs of a client. `clock.sleep` resolves, and does not reject, when the signal ends it. */
export interface SurveyClient extends Pick<OrganizationsClient, 'call' | 'list'> {
  readonly clock: Pick<OrganizationsClient['clock'], 'sleep'>;
}
