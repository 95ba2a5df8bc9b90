import { SERVICE_KEY, SERVICES } from './policy';
import { OptOutError } from './private/errors';
import { isPlaceholder } from './private/placeholders';
import { KNOWN_TEXT, requireType } from './private/types';

/**
 * An AI service that an opt-out policy can name.
 *
 * There is a constant for each service that AWS documents. AWS adds services every few months; `AiService.of` reaches one that this
 * release does not know yet.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
 */
export class AiService {
  /** AWS DevOps Agent: incident investigations and operational recommendations by the agent. */
  public static readonly AI_DEVOPS = new AiService('aidevops');

  /** Amazon AI Operations: AI-assisted investigations of operational issues. */
  public static readonly AI_OPS = new AiService('aiops');

  /** AWS Supply Chain: supply-chain data and the forecasts made from it. */
  public static readonly AWS_SUPPLY_CHAIN = new AiService('awssupplychain');

  /** Amazon Bio Discovery: life-science research content. */
  public static readonly BIO_DISCOVERY = new AiService('biodiscovery');

  /** Amazon Chime SDK voice analytics: speaker search and voice-tone analysis of calls. */
  public static readonly CHIME_SDK_VOICE_ANALYTICS = new AiService('chimesdkvoiceanalytics');

  /** Amazon CloudWatch: AI features of CloudWatch. */
  public static readonly CLOUDWATCH = new AiService('cloudwatch');

  /** Amazon CodeGuru Profiler: profiles of running applications. */
  public static readonly CODEGURU_PROFILER = new AiService('codeguruprofiler');

  /** Amazon CodeWhisperer: code suggestions; now part of Amazon Q Developer. */
  public static readonly CODEWHISPERER = new AiService('codewhisperer');

  /** Amazon Comprehend: text sent for language analysis. */
  public static readonly COMPREHEND = new AiService('comprehend');

  /** AWS Config: AI features of AWS Config. */
  public static readonly CONFIG = new AiService('config');

  /** Amazon Connect Customer: contact-center content. */
  public static readonly CONNECT = new AiService('connect');

  /** Amazon Connect answering machine detection: audio of outbound calls. */
  public static readonly CONNECT_AMD = new AiService('connectamd');

  /** Amazon Connect Decisions: content used for planning decisions. */
  public static readonly CONNECT_DECISION = new AiService('connectdecision');

  /** Amazon Connect Health Operational Support: health contact content used to operate the service. */
  public static readonly CONNECT_HEALTH_OPERATIONS = new AiService('connecthealth::operations');

  /** Amazon Connect Health Model Training: health contact content used to train models. */
  public static readonly CONNECT_HEALTH_TRAINING = new AiService('connecthealth::training');

  /** Amazon Connect optimization: forecasting, capacity planning and scheduling data. */
  public static readonly CONNECT_OPTIMIZATION = new AiService('connectoptimization');

  /** Amazon Connect Talent: recruiting content. */
  public static readonly CONNECT_TALENT = new AiService('connecttalent');

  /** Contact Lens for Amazon Connect: conversation analytics. */
  public static readonly CONTACT_LENS = new AiService('contactlens');

  /** Amazon DataZone: data-catalog content and the SageMaker data agent. */
  public static readonly DATAZONE = new AiService('datazone');

  /** AWS Database Migration Service: schemas and code converted with generative AI. */
  public static readonly DMS = new AiService('dms');

  /** AWS Entity Resolution: records matched by machine learning. */
  public static readonly ENTITY_RESOLUTION = new AiService('entityresolution');

  /** AWS FinOps Agent: questions about cost and the answers. */
  public static readonly FINOPS_AGENT = new AiService('finopsagent');

  /** Amazon Fraud Detector: events used for fraud models. */
  public static readonly FRAUD_DETECTOR = new AiService('frauddetector');

  /** AWS Glue: generative-AI features of AWS Glue. */
  public static readonly GLUE = new AiService('glue');

  /** Amazon GuardDuty: content analysed for threats. */
  public static readonly GUARDDUTY = new AiService('guardduty');

  /** Amazon Lex: text and speech sent to bots. */
  public static readonly LEX = new AiService('lex');

  /** Amazon Polly: text sent to be spoken. */
  public static readonly POLLY = new AiService('polly');

  /** Amazon Q Developer: chats in the console, mobile app and AWS websites; not the IDE and command line. */
  public static readonly Q = new AiService('q');

  /** Amazon Quick: questions asked of data; formerly QuickSight Q. */
  public static readonly QUICKSIGHT_Q = new AiService('quicksightq');

  /** Amazon Rekognition: images and videos sent for analysis. */
  public static readonly REKOGNITION = new AiService('rekognition');

  /** Scenario Discovery: industrial data analysed for scenarios. */
  public static readonly SCENARIO_DISCOVERY = new AiService('scenariodiscovery');

  /** AWS Security Hub: AI features of Security Hub. */
  public static readonly SECURITY_HUB = new AiService('securityhub');

  /** Amazon Security Lake: AI features of Security Lake. */
  public static readonly SECURITY_LAKE = new AiService('securitylake');

  /** Amazon Textract: documents sent for text extraction. */
  public static readonly TEXTRACT = new AiService('textract');

  /** Amazon Transcribe: speech sent for transcription. */
  public static readonly TRANSCRIBE = new AiService('transcribe');

  /** AWS Transform: code and artifacts of modernization projects. */
  public static readonly TRANSFORM = new AiService('transform');

  /** Amazon Translate: text sent for translation. */
  public static readonly TRANSLATE = new AiService('translate');

  /** Amazon WorkSpaces: AI features of WorkSpaces. */
  public static readonly WORKSPACES = new AiService('workspaces');

  /**
   * All services that AWS documented when this version was released, ordered by key.
   */
  public static documented(): AiService[] {
    return Object.keys(SERVICES).sort().map((key) => new AiService(key));
  }

  /**
   * A service by the key that a policy uses for it.
   *
   * A key that this release does not know is accepted, and the construct that uses it warns: AWS refuses unknown keys when it deploys,
   * with a message that names no key.
   *
   * @param key as AWS documents it: lower-case letters and digits, possibly with `::` inside, for example `lex`.
   * @throws when no service can have that key, and for `default`, which is not a service but the scope `OptOutScope.allServices()`.
   */
  public static of(key: string): AiService {
    requireType('key', key, KNOWN_TEXT);
    if (isPlaceholder(key)) return new AiService(key);
    if (key === 'default') {
      throw new OptOutError('ServiceKeyInvalid', 'service key "default" stands for all services: use OptOutScope.allServices()');
    }
    if (!SERVICE_KEY.test(key)) {
      const lower = key.trim().toLowerCase();
      const hint = Object.hasOwn(SERVICES, lower) ? `did you mean "${lower}"?` : 'use the key from the AWS documentation, for example "lex"';
      throw new OptOutError('ServiceKeyInvalid',
        `service key must be lower-case letters and digits, possibly with "::" inside, got ${JSON.stringify(key)}; ${hint}`);
    }
    return new AiService(key);
  }

  /**
   * The key that policies use, for example `lex`.
   */
  public readonly key: string;

  /**
   * The name that AWS gives the service, for example `Amazon Lex`; the key itself where it is not documented.
   */
  public readonly displayName: string;

  /**
   * What the entry reaches, in a few words; empty where the service is not documented.
   */
  public readonly covers: string;

  /**
   * Whether AWS documented the key when this version was released.
   */
  public readonly isDocumented: boolean;

  private constructor(key: string) {
    const facts = Object.hasOwn(SERVICES, key) ? SERVICES[key] : undefined;
    this.key = key;
    this.displayName = facts?.displayName ?? key;
    this.covers = facts?.covers ?? '';
    this.isDocumented = facts !== undefined;
  }

  /**
   * Display name and key, for example `Amazon Lex (lex)`.
   */
  public toString(): string {
    return this.isDocumented ? `${this.displayName} (${this.key})` : this.key;
  }
}
