import { DEFAULT } from './grammar';

/** An AI service that an opt-out policy can name. */
export interface ServiceFacts {
  readonly displayName: string;
  /** What the entry reaches, in a few words. */
  readonly covers: string;
}

/**
 * The keys AWS documents, with `default` apart. Nothing was ever removed from that list: retired products keep their key.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
 */
export const SERVICES: { readonly [key: string]: ServiceFacts } = {
  'aidevops': { displayName: 'AWS DevOps Agent', covers: 'incident investigations and operational recommendations by the agent' },
  'aiops': { displayName: 'Amazon AI Operations', covers: 'AI-assisted investigations of operational issues' },
  'awssupplychain': { displayName: 'AWS Supply Chain', covers: 'supply-chain data and the forecasts made from it' },
  'biodiscovery': { displayName: 'Amazon Bio Discovery', covers: 'life-science research content' },
  'chimesdkvoiceanalytics': { displayName: 'Amazon Chime SDK voice analytics', covers: 'speaker search and voice-tone analysis of calls' },
  'cloudwatch': { displayName: 'Amazon CloudWatch', covers: 'AI features of CloudWatch' },
  'codeguruprofiler': { displayName: 'Amazon CodeGuru Profiler', covers: 'profiles of running applications' },
  'codewhisperer': { displayName: 'Amazon CodeWhisperer', covers: 'code suggestions; now part of Amazon Q Developer' },
  'comprehend': { displayName: 'Amazon Comprehend', covers: 'text sent for language analysis' },
  'config': { displayName: 'AWS Config', covers: 'AI features of AWS Config' },
  'connect': { displayName: 'Amazon Connect Customer', covers: 'contact-center content' },
  'connectamd': { displayName: 'Amazon Connect answering machine detection', covers: 'audio of outbound calls' },
  'connectdecision': { displayName: 'Amazon Connect Decisions', covers: 'content used for planning decisions' },
  'connecthealth::operations': { displayName: 'Amazon Connect Health Operational Support', covers: 'health contact content used to operate the service' },
  'connecthealth::training': { displayName: 'Amazon Connect Health Model Training', covers: 'health contact content used to train models' },
  'connectoptimization': { displayName: 'Amazon Connect optimization', covers: 'forecasting, capacity planning and scheduling data' },
  'connecttalent': { displayName: 'Amazon Connect Talent', covers: 'recruiting content' },
  'contactlens': { displayName: 'Contact Lens for Amazon Connect', covers: 'conversation analytics' },
  'datazone': { displayName: 'Amazon DataZone', covers: 'data-catalog content and the SageMaker data agent' },
  'dms': { displayName: 'AWS Database Migration Service', covers: 'schemas and code converted with generative AI' },
  'entityresolution': { displayName: 'AWS Entity Resolution', covers: 'records matched by machine learning' },
  'finopsagent': { displayName: 'AWS FinOps Agent', covers: 'questions about cost and the answers' },
  'frauddetector': { displayName: 'Amazon Fraud Detector', covers: 'events used for fraud models' },
  'glue': { displayName: 'AWS Glue', covers: 'generative-AI features of AWS Glue' },
  'guardduty': { displayName: 'Amazon GuardDuty', covers: 'content analysed for threats' },
  'lex': { displayName: 'Amazon Lex', covers: 'text and speech sent to bots' },
  'polly': { displayName: 'Amazon Polly', covers: 'text sent to be spoken' },
  'q': { displayName: 'Amazon Q Developer', covers: 'chats in the console, mobile app and AWS websites; not the IDE and command line' },
  'quicksightq': { displayName: 'Amazon Quick', covers: 'questions asked of data; formerly QuickSight Q' },
  'rekognition': { displayName: 'Amazon Rekognition', covers: 'images and videos sent for analysis' },
  'scenariodiscovery': { displayName: 'Scenario Discovery', covers: 'industrial data analysed for scenarios' },
  'securityhub': { displayName: 'AWS Security Hub', covers: 'AI features of Security Hub' },
  'securitylake': { displayName: 'Amazon Security Lake', covers: 'AI features of Security Lake' },
  'textract': { displayName: 'Amazon Textract', covers: 'documents sent for text extraction' },
  'transcribe': { displayName: 'Amazon Transcribe', covers: 'speech sent for transcription' },
  'transform': { displayName: 'AWS Transform', covers: 'code and artifacts of modernization projects' },
  'translate': { displayName: 'Amazon Translate', covers: 'text sent for translation' },
  'workspaces': { displayName: 'Amazon WorkSpaces', covers: 'AI features of WorkSpaces' },
};

export function isDocumentedService(key: string): boolean {
  return key === DEFAULT || Object.hasOwn(SERVICES, key);
}

/**
 * Products without a key, and what applies instead. AWS rejects a policy that names one of them.
 *
 * @see https://kiro.dev/docs/privacy-and-security/data-protection/
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/data-protection.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/data-privacy.html
 */
export const SERVICES_WITHOUT_KEY: { readonly [name: string]: string } = {
  bedrock: 'Amazon Bedrock has no key in the policy: model providers do not receive prompts and completions, and the data retention mode of Amazon Bedrock '
    + 'sets what AWS keeps',
  kiro: 'Kiro has no key in the policy, and AWS does not document that "default" covers it: enterprise users are opted out by AWS, and all others opt out '
    + 'in the settings of Kiro',
  monitron: 'Amazon Monitron has no key in the policy: the AWS Service Terms list the additional steps to opt out',
  sagemaker: 'Amazon SageMaker AI has no key in the policy: "datazone" covers the SageMaker data agent, and OPT_OUT_TRACKING=1 in a training job opts out '
    + 'of the metadata that training collects',
};

/**
 * Returns what an undocumented key probably stands for, or why the policy has no such key; for the end of a message, without a full stop.
 */
export function hintForService(key: string): string {
  const name = plain(key);
  const without = Object.keys(SERVICES_WITHOUT_KEY).find((product) => name.startsWith(product));
  if (without) return SERVICES_WITHOUT_KEY[without];
  const same = Object.keys(SERVICES).filter((candidate) => (
    [candidate, plain(candidate), plain(SERVICES[candidate].displayName)].includes(name) || candidate.startsWith(`${name}::`)
  ));
  const meant = same.length > 0 ? same : nearest(key, [DEFAULT, ...Object.keys(SERVICES)]);
  return meant.length > 0 ? `did you mean ${meant.map((candidate) => `"${candidate}"`).join(' or ')}?` : `"${DEFAULT}" stands for all services`;
}

/** A key or display name without the vendor, white space and signs: "Amazon Q" and "amazonq" are `q`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '').replace(/^(amazon|aws)(?=.)/, '');
}

/** Returns the candidate that a mistyped word most likely stands for, if one is close enough. */
function nearest(word: string, candidates: readonly string[]): string[] {
  const wanted = word.trim().toLowerCase();
  const [best] = candidates.map((candidate) => ({ candidate, edits: distance(wanted, candidate) })).sort((a, b) => a.edits - b.edits);
  const shorter = Math.min(wanted.length, best.candidate.length);
  // Two swapped letters are two edits.
  return best.edits < shorter && best.edits <= Math.max(2, Math.floor(shorter / 3)) ? [best.candidate] : [];
}

/** The Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = [...Array(b.length + 1).keys()];
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + Number(a[i] !== b[j])));
    row = next;
  }
  return row[b.length];
}
