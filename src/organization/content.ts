import { ASSIGN, CONTROL, type EffectiveDocument, type PolicyDocument } from '../policy/grammar';

/** The document in a policy's content; undefined for anything that this version does not understand to the last entry. */
export function documentIn(content: string): PolicyDocument | undefined {
  const document = jsonIn(content);
  const understood = isControlled(document) && (document.services === undefined || isControlled(document.services))
    && entriesOf(document).every(isService);
  return understood ? document as PolicyDocument : undefined;
}

/** What DescribeEffectivePolicy answered; undefined as above. Every level may be absent. */
export function effectiveDocumentIn(content: string): EffectiveDocument | undefined {
  const document = jsonIn(content);
  const understood = isObject(document) && (document.services === undefined || isObject(document.services))
    && entriesOf(document).every((entry) => isObject(entry) && isSetting(entry.opt_out_policy));
  return understood ? document as EffectiveDocument : undefined;
}

function jsonIn(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entriesOf({ services = {} }: any): any[] {
  return Object.entries(services).flatMap(([key, entry]) => (key === CONTROL ? [] : [entry]));
}

function isService(entry: any): boolean {
  const node = entry?.opt_out_policy ?? {};
  return isControlled(entry) && isControlled(node) && isSetting(node[ASSIGN]);
}

function isControlled(node: any): boolean {
  const control = node?.[CONTROL] ?? [];
  return isObject(node) && Array.isArray(control) && control.every((word) => typeof word === 'string');
}

function isSetting(value: unknown): boolean {
  return value === undefined || value === 'optIn' || value === 'optOut';
}

function isObject(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
