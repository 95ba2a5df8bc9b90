import type { Files } from './folder';
import type { TemplateOptions } from './options';
import { templateText } from './run-template';
import { desiredFrom } from '../changes/desired';

/** What the package's ready-made templates have, by file name. Repair is left out: who lets a function change policies ought to choose it. */
const TEMPLATES: Record<string, Pick<TemplateOptions, 'monitor'>> = {
  'ai-services-opt-out': {},
  'ai-services-opt-out-with-monitor': { monitor: true },
};

/** The templates that people take from the package without Node.js: what the command prints for everything and the root. */
export function readyMadeTemplates(): Files {
  const result = desiredFrom({});
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return Object.fromEntries(Object.entries(TEMPLATES).flatMap(([name, choices]) => [false, true].map((json) => [
    `${name}.template.${json ? 'json' : 'yaml'}`, templateText({ ...choices, json, format: 'template' }, result.desired),
  ])));
}
