import type {
  CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse, DeleteOrganizationalUnitRequest, DescribeOrganizationalUnitRequest,
  DescribeOrganizationalUnitResponse, ListChildrenRequest, ListChildrenResponse, ListOrganizationalUnitsForParentRequest,
  ListOrganizationalUnitsForParentResponse, ListParentsRequest, ListParentsResponse, OrganizationalUnit, UpdateOrganizationalUnitRequest,
  UpdateOrganizationalUnitResponse,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { childId, choice, paging, parentId, required, tags, text, unitId } from '../input';
import { page } from '../paging';
import { operation, tagContext } from './operation';
import type { Organization } from '../state/organization';
import { lineage, type Unit } from '../state/tree';

/** Levels of organizational units below the root. */
const MAX_UNIT_DEPTH = 5;

/** Organizational units in an organization. */
const MAX_UNITS = 2000;

/** Organizational units, parents and children. */
export const treeOperations = {
  CreateOrganizationalUnit: operation<CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse>({
    callers: 'management',
    input: { ParentId: required(parentId), Name: required(text({ min: 1, max: 128 })), Tags: tags },
    asks: ({ ParentId, Tags }, { organization }) => {
      const question = { resources: [organization.arnOfId(ParentId!)], context: tagContext(Tags) };
      return [question, ...(Tags?.length ? [{ ...question, action: 'TagResource' }] : [])];
    },
    run: ({ ParentId, Name, Tags }, { organization }) => {
      const parent = parentWith(organization, ParentId!);
      if (parent.units.some(({ name }) => name === Name)) throw refusals.duplicateUnit();
      const unit = addUnit(organization, Name!, parent);
      for (const { Key, Value } of Tags ?? []) unit.tags.set(Key!, Value!);
      return { OrganizationalUnit: unitAnswer(organization, unit) };
    },
  }),

  DescribeOrganizationalUnit: operation<DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse>({
    callers: 'administrators',
    input: { OrganizationalUnitId: required(unitId) },
    asks: ({ OrganizationalUnitId }, { organization }) => [{ resources: [organization.arnOfId(OrganizationalUnitId!)] }],
    run: ({ OrganizationalUnitId }, { organization }) => (
      { OrganizationalUnit: unitAnswer(organization, unitWith(organization, OrganizationalUnitId!)) }
    ),
  }),

  UpdateOrganizationalUnit: operation<UpdateOrganizationalUnitRequest, UpdateOrganizationalUnitResponse>({
    callers: 'management',
    input: { OrganizationalUnitId: required(unitId), Name: text({ min: 1, max: 128 }) },
    asks: ({ OrganizationalUnitId }, { organization }) => [{ resources: [organization.arnOfId(OrganizationalUnitId!)] }],
    run: ({ OrganizationalUnitId, Name }, { organization }) => {
      const unit = unitWith(organization, OrganizationalUnitId!);
      if (unit.parent!.units.some((other) => other !== unit && other.name === Name)) throw refusals.duplicateUnit();
      // As recorded: a blank name is accepted and changes nothing.
      if (Name?.trim()) unit.name = Name;
      return { OrganizationalUnit: unitAnswer(organization, unit) };
    },
  }),

  DeleteOrganizationalUnit: operation<DeleteOrganizationalUnitRequest, object>({
    callers: 'management',
    input: { OrganizationalUnitId: required(unitId) },
    asks: ({ OrganizationalUnitId }, { organization }) => [{ resources: [organization.arnOfId(OrganizationalUnitId!)] }],
    run: ({ OrganizationalUnitId }, { organization }) => {
      const unit = unitWith(organization, OrganizationalUnitId!);
      if (unit.units.length + unit.accounts.length > 0) throw refusals.unitNotEmpty();
      organization.removeUnit(unit);
      return {};
    },
  }),

  ListOrganizationalUnitsForParent: operation<ListOrganizationalUnitsForParentRequest, ListOrganizationalUnitsForParentResponse>({
    callers: 'administrators',
    input: { ParentId: required(parentId), ...paging },
    asks: ({ ParentId }, { organization }) => [{ resources: [organization.arnOfId(ParentId!)] }],
    run: (input, context) => {
      const { items, ...next } = page(parentWith(context.organization, input.ParentId!).units, input, context);
      return { OrganizationalUnits: items.map((unit) => unitAnswer(context.organization, unit)), ...next };
    },
  }),

  ListChildren: operation<ListChildrenRequest, ListChildrenResponse>({
    callers: 'administrators',
    input: { ParentId: required(parentId), ChildType: required(choice(['ACCOUNT', 'ORGANIZATIONAL_UNIT'])), ...paging },
    asks: ({ ParentId }, { organization }) => [{ resources: [organization.arnOfId(ParentId!)] }],
    run: (input, context) => {
      const { units, accounts } = parentWith(context.organization, input.ParentId!);
      const { items, ...next } = page<{ id: string }>(input.ChildType === 'ACCOUNT' ? accounts : units, input, context);
      return { Children: items.map(({ id }) => ({ Id: id, Type: input.ChildType })), ...next };
    },
  }),

  ListParents: operation<ListParentsRequest, ListParentsResponse>({
    callers: 'administrators',
    input: { ChildId: required(childId), ...paging },
    asks: ({ ChildId }, { organization }) => [{ resources: [organization.arnOfId(ChildId!)] }],
    run: (input, context) => {
      const parent = context.organization.tree.target(input.ChildId!)?.parent;
      if (!parent) throw refusals.childNotFound();
      const { items, ...next } = page([parent], input, context);
      return { Parents: items.map(({ id, kind }) => ({ Id: id, Type: kind })), ...next };
    },
  }),
};

/**
 * Adds an organizational unit within AWS's limits.
 *
 * @throws ConstraintViolationException for a unit too deep or too many. AWS's order of the two checks is unknown.
 */
export function addUnit(organization: Organization, name: string, parent: Unit): Unit {
  const { tree } = organization;
  if (lineage(parent).length > MAX_UNIT_DEPTH) throw refusals.unitTooDeep();
  if (tree.unitCount >= MAX_UNITS) throw refusals.tooManyUnits();
  return tree.addUnit(organization.nextUnitId(), name, parent);
}

function parentWith(organization: Organization, id: string): Unit {
  const parent = organization.tree.unit(id);
  if (!parent) throw refusals.parentNotFound();
  return parent;
}

function unitWith(organization: Organization, id: string): Unit {
  const unit = organization.tree.unit(id);
  if (!unit) throw refusals.unitNotFound();
  return unit;
}

function unitAnswer(organization: Organization, unit: Unit): OrganizationalUnit {
  return { Id: unit.id, Arn: organization.arnOf(unit), Name: unit.name, Path: organization.pathOf(unit) };
}
