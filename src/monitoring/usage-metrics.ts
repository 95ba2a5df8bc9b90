/**
 * A CloudWatch metric that shows how much an account uses a service.
 */
export interface UsageMetric {
  /** The key that policies use, for example `lex`. */
  readonly service: string;

  /** What the metric counts, to head a graph. */
  readonly title: string;

  readonly namespace: string;

  readonly metricName: string;

  /** `Sum` for what is counted, `Maximum` for what is in progress at one time. */
  readonly statistic: string;

  /**
   * Names of the dimensions it is published with; the widget sums over all their values with a SEARCH expression.
   *
   * Together with the namespace this is the schema of that expression. It must be the whole set: several metrics here are published under
   * more than one set, and adding up two sets counts the same request twice.
   */
  readonly dimensions: readonly string[];

  /** Documentation page that names the metric and its dimensions. */
  readonly source: string;
}

/**
 * The documented usage metrics that services publish by themselves, ordered by service.
 *
 * Services of which the policy covers only the AI features (AWS Glue, AWS Config, Amazon WorkSpaces and the like) are left out: a graph of
 * all their use would say little about the features that were opted out. Amazon Q Developer is left out because its metrics count only use
 * in the IDE, which the key `q` does not reach.
 */
export const USAGE_METRICS: readonly UsageMetric[] = [
  {
    service: 'aidevops',
    title: 'AWS DevOps Agent: chat requests',
    namespace: 'AWS/AIDevOps',
    metricName: 'ConsumedChatRequests',
    statistic: 'Sum',
    dimensions: ['AgentSpaceUUID'],
    // Agent spaces from before 13 March 2026 publish only after the service-linked role is created by hand; later ones do from the start.
    source: 'https://docs.aws.amazon.com/devopsagent/latest/userguide/configuring-integrations-and-knowledge-vended-logs-and-metrics.html',
  },
  {
    service: 'aidevops',
    title: 'AWS DevOps Agent: seconds of investigation',
    namespace: 'AWS/AIDevOps',
    metricName: 'ConsumedInvestigationTime',
    statistic: 'Sum',
    dimensions: ['AgentSpaceUUID'],
    source: 'https://docs.aws.amazon.com/devopsagent/latest/userguide/configuring-integrations-and-knowledge-vended-logs-and-metrics.html',
  },
  {
    service: 'comprehend',
    // Only endpoints of custom models have metrics in this namespace; calls of the ready-made models do not show.
    title: 'Amazon Comprehend: inference units consumed by custom endpoints',
    namespace: 'AWS/Comprehend',
    metricName: 'ConsumedInferenceUnits',
    statistic: 'Sum',
    dimensions: ['EndpointArn'],
    source: 'https://docs.aws.amazon.com/comprehend/latest/dg/manage-endpoints-monitor.html',
  },
  {
    service: 'connect',
    title: 'Amazon Connect: voice calls',
    namespace: 'AWS/Connect',
    metricName: 'CallsPerInterval',
    statistic: 'Sum',
    dimensions: ['InstanceId', 'MetricGroup'],
    source: 'https://docs.aws.amazon.com/connect/latest/adminguide/monitoring-cloudwatch.html',
  },
  {
    service: 'connect',
    title: 'Amazon Connect: chats started',
    namespace: 'AWS/Connect',
    metricName: 'SuccessfulChatsPerInterval',
    statistic: 'Sum',
    dimensions: ['InstanceId', 'MetricGroup'],
    source: 'https://docs.aws.amazon.com/connect/latest/adminguide/monitoring-cloudwatch.html',
  },
  {
    service: 'frauddetector',
    title: 'Amazon Fraud Detector: predictions requested',
    namespace: 'AWS/FraudDetector',
    metricName: 'GetEventPrediction',
    statistic: 'Sum',
    dimensions: ['DetectorID'],
    source: 'https://docs.aws.amazon.com/frauddetector/latest/ug/monitoring-cloudwatch.html',
  },
  {
    service: 'guardduty',
    // Hourly, and up to a day late. The set with `DataSource` alone, in the administrator account, repeats these for the whole organization.
    title: 'Amazon GuardDuty: events analyzed',
    namespace: 'AWS/GuardDuty',
    metricName: 'AnalyzedCount',
    statistic: 'Sum',
    dimensions: ['AccountId', 'DataSource'],
    source: 'https://docs.aws.amazon.com/guardduty/latest/ug/monitoring_costs.html',
  },
  {
    service: 'lex',
    // Published once by alias and once by version: only the alias is counted. This set is for RecognizeUtterance and StartConversation.
    title: 'Amazon Lex: speech and utterance requests',
    namespace: 'AWS/Lex',
    metricName: 'RuntimeRequestCount',
    statistic: 'Sum',
    dimensions: ['Operation', 'BotId', 'BotAliasId', 'InputMode', 'LocaleId'],
    source: 'https://docs.aws.amazon.com/lexv2/latest/dg/monitoring-cloudwatch.html',
  },
  {
    service: 'lex',
    // The set for all other operations, RecognizeText above all.
    title: 'Amazon Lex: text and session requests',
    namespace: 'AWS/Lex',
    metricName: 'RuntimeRequestCount',
    statistic: 'Sum',
    dimensions: ['Operation', 'BotId', 'BotAliasId', 'LocaleId'],
    source: 'https://docs.aws.amazon.com/lexv2/latest/dg/monitoring-cloudwatch.html',
  },
  {
    service: 'polly',
    title: 'Amazon Polly: characters spoken',
    namespace: 'AWS/Polly',
    metricName: 'RequestCharacters',
    statistic: 'Sum',
    dimensions: ['Operation'],
    source: 'https://docs.aws.amazon.com/polly/latest/dg/cloud-watch.html',
  },
  {
    service: 'rekognition',
    // Published without dimensions too, for all operations together; only one of the two may be counted.
    title: 'Amazon Rekognition: successful requests',
    namespace: 'AWS/Rekognition',
    metricName: 'SuccessfulRequestCount',
    statistic: 'Sum',
    dimensions: ['Operation'],
    source: 'https://docs.aws.amazon.com/rekognition/latest/dg/rekognition-monitoring.html',
  },
  {
    service: 'textract',
    title: 'Amazon Textract: successful requests',
    namespace: 'AWS/Textract',
    metricName: 'SuccessfulRequestCount',
    statistic: 'Sum',
    dimensions: ['Operation'],
    source: 'https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html',
  },
  {
    service: 'transcribe',
    // For batch only. TotalRequestCount has streaming too, but the page does not say with which of its four dimensions together.
    title: 'Amazon Transcribe: successful batch requests',
    namespace: 'AWS/Transcribe',
    metricName: 'SuccessfulRequestCount',
    statistic: 'Sum',
    dimensions: ['Domain', 'ServiceType', 'Operation'],
    source: 'https://docs.aws.amazon.com/transcribe/latest/dg/monitoring-cloudwatch.html',
  },
  {
    service: 'transcribe',
    title: 'Amazon Transcribe: concurrent streams',
    namespace: 'AWS/Transcribe',
    metricName: 'ConcurrentStreamsCount',
    statistic: 'Maximum',
    dimensions: ['Domain', 'ServiceType'],
    source: 'https://docs.aws.amazon.com/transcribe/latest/dg/monitoring-cloudwatch.html',
  },
  {
    service: 'translate',
    // CharacterCount would be per language pair as well; this one is by operation alone.
    title: 'Amazon Translate: successful requests',
    namespace: 'AWS/Translate',
    metricName: 'SuccessfulRequestCount',
    statistic: 'Sum',
    dimensions: ['Operation'],
    source: 'https://docs.aws.amazon.com/translate/latest/dg/translate-cloudwatch.html',
  },
];
