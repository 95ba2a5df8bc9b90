/*
 * The rules of cfn_nag that make a scan fail, for the types of resources that our templates have. Its warnings (W…) do not stop the pipeline.
 *
 * Considered, by resource: IAM roles F2, F3, F6, F38; Lambda permissions F13, F45; queue policies F7, F20, F21; topic policies F8, F18. The
 * other failing rules are about resources that we do not make: managed policies, policies, users and groups of IAM (F4, F5, F10 to F12,
 * F39, F40, F51, F2000), keys (F19, F76), buckets (F9, F14 to F16), databases, caches, file systems, directories, pipelines, security groups
 * and others. A type that was not considered is reported.
 */

const CONSIDERED = [
  'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::Config::ConfigRule', 'AWS::Events::Rule', 'AWS::IAM::Role', 'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function', 'AWS::Lambda::Permission', 'AWS::Logs::LogGroup', 'AWS::Organizations::Policy', 'AWS::SNS::TopicPolicy', 'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy', 'AWS::SSM::Parameter', 'AWS::CDK::Metadata',
];

/** What would fail, as rule, meaning and logical id. */
export function violations({ Resources }: any): string[] {
  return Object.entries<any>(Resources).flatMap(([logicalId, { Type, Properties }]) => (
    rulesBrokenBy(Type, Properties ?? {}).map((rule) => `${rule}: ${logicalId}`)
  ));
}

function rulesBrokenBy(type: string, properties: any): string[] {
  switch (type) {
    case 'AWS::IAM::Role': {
      const trust = statementsOf(properties.AssumeRolePolicyDocument);
      const permissions = (properties.Policies ?? []).flatMap(({ PolicyDocument }: any) => statementsOf(PolicyDocument));
      return [
        ...broken('F2 IAM role should not allow * action on its trust policy', trust, anyAction),
        ...broken('F3 IAM role should not allow * action on its permissions policy', permissions, anyAction),
        ...broken('F6 IAM role should not allow Allow+NotPrincipal in its trust policy', trust, notPrincipal),
        ...broken('F38 IAM role should not allow * resource with PassRole action on its permissions policy', permissions, passesAnyRole),
      ];
    }
    case 'AWS::Lambda::Permission':
      return [
        ...(properties.Principal === '*' ? ['F13 Lambda permission principal should not be wildcard'] : []),
        ...(typeof properties.EventSourceToken === 'string' ? ['F45 EventSourceToken must not be a plaintext string'] : []),
      ];
    case 'AWS::SQS::QueuePolicy': {
      const statements = statementsOf(properties.PolicyDocument);
      return [
        ...broken('F7 SQS Queue policy should not allow Allow+NotPrincipal', statements, notPrincipal),
        ...broken('F20 SQS Queue policy should not allow * action', statements, anyAction),
        ...broken('F21 SQS Queue policy should not allow * principal', statements, anyPrincipal),
      ];
    }
    case 'AWS::SNS::TopicPolicy': {
      const statements = statementsOf(properties.PolicyDocument);
      return [
        ...broken('F8 SNS Topic policy should not allow Allow+NotPrincipal', statements, notPrincipal),
        ...broken('F18 SNS topic policy should not allow * principal', statements, anyPrincipal),
      ];
    }
    default:
      return CONSIDERED.includes(type) || type.startsWith('Custom::') ? [] : [`unconsidered type ${type}`];
  }
}

/** Those that allow something, also those under a condition. */
function statementsOf(document: any): any[] {
  return [document?.Statement ?? []].flat()
    .flatMap((statement) => (statement['Fn::If'] ? statement['Fn::If'].slice(1) : [statement]))
    .filter((statement) => statement.Effect === 'Allow');
}

function broken(rule: string, statements: any[], breaks: (statement: any) => boolean): string[] {
  return statements.some(breaks) ? [rule] : [];
}

/** `*`, and `sqs:*` and the like. */
function anyAction({ Action }: any): boolean {
  return [Action ?? []].flat().some((action: string) => /^(\w+:)?\*$/.test(action));
}

function anyPrincipal({ Principal }: any): boolean {
  const principals = typeof Principal === 'object' && Principal !== null ? Object.values(Principal).flat() : [Principal];
  return principals.some((principal) => typeof principal === 'string' && principal.includes('*'));
}

function notPrincipal({ NotPrincipal }: any): boolean {
  return NotPrincipal !== undefined;
}

function passesAnyRole({ Action, Resource }: any): boolean {
  return [Resource ?? []].flat().includes('*') && [Action ?? []].flat().some((action: string) => /^(\*|iam:(\*|P.*\*|PassRole))$/.test(action));
}
