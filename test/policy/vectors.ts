import type { InheritanceOptions } from '../../simulator/organizations/effective-policy/options';
import type { EffectiveDocument, PolicyDocument, PolicyLevel } from '../../src/policy';
import admission from '../data/admission.json';
import inheritance from '../data/inheritance.json';
import undocumented from '../data/undocumented-inheritance.json';

export interface AdmissionVector {
  readonly name: string;
  readonly content: string;
  readonly accepted: boolean;
}

export interface InheritanceVector {
  readonly name: string;
  readonly compare: string;
  readonly levels: PolicyDocument[][];
  readonly effective: EffectiveDocument;
}

export const ADMISSION: AdmissionVector[] = admission;
export const INHERITANCE = inheritance as unknown as InheritanceVector[];

/** A case whose outcome in AWS is unknown, with the options of the simulator for each outcome. */
export interface UndocumentedVector {
  readonly name: string;
  readonly levels: PolicyDocument[][];
  readonly outcomes: { readonly options: Partial<InheritanceOptions>; readonly effective: EffectiveDocument }[];
}

export const UNDOCUMENTED = undocumented as unknown as UndocumentedVector[];

/** Documents without names, as levels with names. */
export function levelsOf(documents: PolicyDocument[][]): PolicyLevel[] {
  return documents.map((level, i) => ({ name: `level-${i}`, policies: level.map((document, j) => ({ name: `policy-${i}-${j}`, document })) }));
}
