import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { authorizerFor, type EvaluatedRequest } from '../../simulator/iam';
import { MANAGEMENT } from '../support/ids';

/** The account of the simulation. */
export const ACCOUNT = MANAGEMENT;
const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/Role/session`;

/** What an SDK client needs to talk to the simulation; without statements as an administrator, who is not asked for. */
export function clientSettings(aws: SimulatedAws, statements?: object[], record: EvaluatedRequest[] = []) {
  const accessKeyId = statements ? 'ASIARESTRICTED' : 'AKIAADMINISTRATOR';
  if (statements) {
    const authorize = authorizerFor({ Version: '2012-10-17', Statement: statements }, { accountId: ACCOUNT, principal: ROLE, record });
    aws.endpoint.registerCaller(accessKeyId, { accountId: ACCOUNT, arn: ROLE, authorize });
  }
  return { endpoint: aws.endpointUrl, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey: 'secret' }, maxAttempts: 1 };
}
