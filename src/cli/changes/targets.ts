import type { Connection } from './open';
import { isDenied, type OrganizationSnapshot, type Unit } from '../../organization';

/**
 * Adds those units to the snapshot that are to carry the policy but were not met: the reader does not look for units without accounts. A unit
 * that does not exist stays unknown.
 */
export async function withTargets(
  connection: Connection, snapshot: OrganizationSnapshot, targetIds: string[] = [], signal?: AbortSignal,
): Promise<OrganizationSnapshot> {
  const units = new Map(snapshot.units.map((unit) => [unit.id, unit]));
  for (const target of targetIds) {
    for (let id: string | undefined = target; id?.startsWith('ou-') && !units.has(id); id = units.get(id)?.parentId) {
      const unit = await readUnit(connection, id, signal);
      if (unit) units.set(id, unit);
    }
  }
  return { ...snapshot, units: [...units.values()] };
}

async function readUnit({ client }: Connection, id: string, signal?: AbortSignal): Promise<Unit | undefined> {
  try {
    const [parent] = await client.list('ListParents', { ChildId: id }, signal);
    const { OrganizationalUnit } = await client.call('DescribeOrganizationalUnit', { OrganizationalUnitId: id }, signal);
    return { id, name: OrganizationalUnit!.Name!, parentId: parent.Id! };
  } catch (error) {
    if (isDenied(error) || /^(Child|OrganizationalUnit)NotFoundException$/.test((error as Error).name)) return undefined;
    throw error;
  }
}
