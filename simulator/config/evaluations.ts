import { refusals } from './errors';
import { checkType, refuseViolations, violation } from '../http/constraints';

/** As the service model lists them; rules may not report INSUFFICIENT_DATA. */
const COMPLIANCE_TYPES = ['COMPLIANT', 'NON_COMPLIANT', 'NOT_APPLICABLE', 'INSUFFICIENT_DATA'];
const MAX_EVALUATIONS = 100;

/** `AWS::S3::Bucket`, and the account itself with its four colons. */
const RESOURCE_TYPE = /^(AWS::::Account|[A-Za-z0-9]+::[A-Za-z0-9]+::[A-Za-z0-9]+(::[A-Za-z0-9]+)*)$/;

/** What a rule reports about one resource, as it is sent. */
export interface EvaluationInput {
  readonly ComplianceResourceType: string;
  readonly ComplianceResourceId: string;
  readonly ComplianceType: string;
  readonly Annotation?: string;

  /** Seconds since the epoch. */
  readonly OrderingTimestamp: number;
}

/** What PutEvaluations is sent. */
export interface PutEvaluationsInput {
  readonly Evaluations: EvaluationInput[];
  readonly ResultToken: string;
  readonly TestMode: boolean;
}

/**
 * Reads what PutEvaluations is sent.
 *
 * @throws AwsError for whatever the service would not take
 */
export function readPutEvaluations(input: any): PutEvaluationsInput {
  const { Evaluations = [], ResultToken, TestMode = false } = input;
  checkType('resultToken', ResultToken, 'string');
  checkType('testMode', TestMode, 'boolean');
  refuseViolations([violation('resultToken', ResultToken, { required: true }), violation('evaluations', Evaluations, { max: MAX_EVALUATIONS })]);
  for (const evaluation of Evaluations) {
    for (const member of ['ComplianceResourceType', 'ComplianceResourceId', 'ComplianceType', 'Annotation']) checkType(member, evaluation[member], 'string');
    checkType('OrderingTimestamp', evaluation.OrderingTimestamp, 'number');
  }
  refuseViolations(Evaluations.flatMap((evaluation: EvaluationInput, index: number) => {
    const path = (member: string) => `evaluations.${index + 1}.member.${member}`;
    return [
      violation(path('complianceResourceType'), evaluation.ComplianceResourceType, { required: true, min: 1, max: 256 }),
      violation(path('complianceResourceId'), evaluation.ComplianceResourceId, { required: true, min: 1, max: 768 }),
      violation(path('complianceType'), evaluation.ComplianceType, { required: true, values: COMPLIANCE_TYPES }),
      violation(path('annotation'), evaluation.Annotation, { min: 1, max: 256 }),
      violation(path('orderingTimestamp'), evaluation.OrderingTimestamp, { required: true }),
    ];
  }));
  for (const { ComplianceResourceType, ComplianceType } of Evaluations) {
    if (ComplianceType === 'INSUFFICIENT_DATA') throw refusals.invalidValue('INSUFFICIENT_DATA is not a compliance type that a rule can report.');
    if (!RESOURCE_TYPE.test(ComplianceResourceType)) throw refusals.invalidValue(`${ComplianceResourceType} is not a valid resource type.`);
  }
  return { Evaluations, ResultToken, TestMode };
}
