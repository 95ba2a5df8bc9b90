import { controlTower, type LandingZone, type LandingZoneOptions } from '../../simulator/organizations/landing-zone';
import { POLICY_TYPE, type PolicyDocument } from '../../src/policy';

/** A simulated landing zone. */
export interface SceneOptions extends LandingZoneOptions {
  /**
   * Whether the policy type is enabled.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/** Builds a landing zone with the policy type enabled. */
export function landingZone({ enabled = true, ...options }: SceneOptions): LandingZone {
  const zone = controlTower(options);
  if (enabled) zone.organizations.enablePolicyType(POLICY_TYPE);
  return zone;
}

/** Adds a policy that is in effect at once, and returns its id. */
export function addPolicy({ organizations }: Pick<LandingZone, 'organizations'>, name: string, document: PolicyDocument, ...targetIds: string[]): string {
  return organizations.addPolicy({ name, content: JSON.stringify(document), targetIds });
}
