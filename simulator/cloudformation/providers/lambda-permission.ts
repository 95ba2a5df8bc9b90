import { type PermissionStatement } from '../../lambda/lambda-service';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider } from '../resource-provider';
import { notSimulated, object, requireValid, text } from './properties';

const PERMISSION = object({
  Action: text({ max: 256, pattern: /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/ }),
  FunctionName: text({ min: 1, max: 140, pattern: /^(arn:[^:]+:lambda:[^:]+:\d{12}:function:|(\d{12}:)?function:)?[a-zA-Z0-9-_]+$/ }),
  Principal: text({ min: 1, max: 256, pattern: /^\S+$/ }),
  SourceAccount: text({ max: 12, pattern: /^\d{12}$/ }),
  SourceArn: text({ max: 1024, pattern: /^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-])+:([a-z]{2}(-[a-z]+)+-\d{1})?:(\d{12})?:(.*)$/ }),
  EventSourceToken: notSimulated,
  FunctionUrlAuthType: notSimulated,
  InvokedViaFunctionUrl: notSimulated,
  PrincipalOrgID: notSimulated,
}, ['Action', 'FunctionName', 'Principal']);

/** AWS::Lambda::Permission: one statement of a function's resource policy. Every change replaces it. */
export class PermissionProvider implements ResourceProvider {
  public readonly types = ['AWS::Lambda::Permission'];

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    requireValid(context.logicalId, properties, PERMISSION);
    const functionArn = account.functionArn(properties.FunctionName);
    await account.ask('lambda:AddPermission', functionArn, { 'lambda:Principal': properties.Principal });
    if (!account.aws.lambda.has(functionArn)) throw new HandlerError(`Function not found: ${functionArn}`, 'NotFound');
    const sid = account.generatedName(context, 100);
    account.aws.lambda.addPermission(functionArn, statement(sid, functionArn, properties));
    context.created(sid);
    await account.takeTime();
    return { physicalId: sid, attributes: { Id: sid } };
  }

  public async update(): Promise<'replace'> {
    return 'replace';
  }

  public async delete({ account }: ResourceContext, sid: string, properties: any): Promise<void> {
    const functionArn = account.functionArn(properties.FunctionName);
    await account.ask('lambda:RemovePermission', functionArn, { 'lambda:Principal': properties.Principal });
    account.aws.lambda.removePermission(functionArn, sid);
    await account.takeTime();
  }
}

function statement(Sid: string, Resource: string, { Action, Principal, SourceArn, SourceAccount }: any): PermissionStatement {
  const condition = {
    ...(SourceAccount !== undefined && { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
    ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
  };
  return {
    Sid,
    Effect: 'Allow',
    Principal: principalOf(Principal),
    Action,
    Resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function principalOf(principal: string): PermissionStatement['Principal'] {
  if (principal === '*') return '*';
  return /^\d{12}$|^arn:/.test(principal) ? { AWS: principal } : { Service: principal };
}
