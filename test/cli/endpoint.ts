import { paceCommandsBy, SkippingRealClock } from './skipping-real-clock';
import { RealClock, type Clock } from '../../simulator/clock';
import { SimulatedEndpoint } from '../../simulator/http/server';
import type { LandingZone } from '../../simulator/organizations/landing-zone';
import { Organizations } from '../../simulator/organizations/organizations';
import { landingZone } from '../support/scenes';

/** A simulated AWS that the command line reaches over HTTP. */
export interface Served {
  readonly organizations: Organizations;
  readonly endpoint: SimulatedEndpoint;
  readonly url: string;
}

const open: SimulatedEndpoint[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (endpoint) => endpoint.close()));
});

export async function serve(organizations: Organizations): Promise<Served> {
  const endpoint = new SimulatedEndpoint({ organizations });
  open.push(endpoint);
  return { organizations, endpoint, url: await endpoint.listen() };
}

/**
 * A landing zone of five accounts with the policy type enabled, before anybody attached anything.
 *
 * Without a clock of the test's own, the organization and the commands that run in this process share one on which nobody waits in real time.
 */
export async function serveLandingZone(prepare: (zone: LandingZone) => void = () => {}, ownClock?: Clock): Promise<Served & { zone: LandingZone }> {
  const clock = ownClock ?? new SkippingRealClock();
  if (!ownClock) paceCommandsBy(clock);
  const zone = landingZone({ clock, accounts: 5 });
  prepare(zone);
  return { ...await serve(zone.organizations), zone };
}

/** An account that has no organization. */
export async function serveNothing(): Promise<Served> {
  return serve(new Organizations({ clock: new RealClock() }));
}
