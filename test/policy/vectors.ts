import type { EffectiveDocument, PolicyDocument, PolicyLevel } from '../../src/policy';
import admission from '../data/admission.json';
import inheritance from '../data/inheritance.json';

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

/** Documents without names, as levels with names. */
export function levelsOf(documents: PolicyDocument[][]): PolicyLevel[] {
  return documents.map((level, i) => ({ name: `level-${i}`, policies: level.map((document, j) => ({ name: `policy-${i}-${j}`, document })) }));
}
