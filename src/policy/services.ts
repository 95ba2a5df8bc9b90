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
