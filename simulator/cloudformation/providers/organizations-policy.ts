import { AwsError } from '../../aws-error';
import { ConnectionDropped } from '../../organizations/organizations';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';
import { mergedTags, tagChanges } from './tags';

/** The SDK in AWS's handler tries these again by itself. */
const SDK_RETRIES = ['ConcurrentModificationException', 'TooManyRequestsException', 'ServiceException'];
const SDK_DELAYS_MS = [1_000, 2_000, 4_000];

/** After that the handler asks CloudFormation to call it again later, except for CreatePolicy. AWS's delays are drawn from 15-22 s and 30-44 s. */
const HANDLER_RETRIES = [...SDK_RETRIES, 'PolicyChangesInProgressException'];
const HANDLER_DELAYS_MS = [18_000, 37_000];

const HANDLER_ERROR_CODES: Record<string, string> = {
  DuplicatePolicyException: 'AlreadyExists',
  DuplicatePolicyAttachmentException: 'AlreadyExists',
  AWSOrganizationsNotInUseException: 'NotFound',
  PolicyNotFoundException: 'NotFound',
  TargetNotFoundException: 'NotFound',
  PolicyNotAttachedException: 'NotFound',
  AccessDeniedException: 'AccessDenied',
  ConcurrentModificationException: 'ResourceConflict',
  PolicyChangesInProgressException: 'ResourceConflict',
  ConstraintViolationException: 'ServiceLimitExceeded',
  InvalidInputException: 'InvalidRequest',
  MalformedPolicyDocumentException: 'InvalidRequest',
  PolicyTypeNotAvailableForOrganizationException: 'InvalidRequest',
  PolicyTypeNotEnabledException: 'InvalidRequest',
  ServiceException: 'ServiceInternalError',
  TooManyRequestsException: 'Throttling',
};

/**
 * AWS::Organizations::Policy, as AWS's own handler does it.
 *
 * Gotchas that it shares with the real one: a create fails when the name is taken; changes are computed from the previous template, never from
 * what is attached in reality; a delete detaches the template's targets only; a disabled policy type fails it at once.
 */
export class OrganizationsPolicyProvider implements ResourceProvider {
  public readonly types = ['AWS::Organizations::Policy'];
  public readonly taggable = true;

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    return ['Name', 'Type', 'Content'].filter((name) => Properties[name] === undefined).map((name) => `${logicalId}: ${name} is missing`);
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    await this.refuseTakenName(context, properties);
    const tags = mergedTags(context.stack.tags, properties);
    const { Policy: policy } = await this.callOnce(context, 'CreatePolicy', {
      Name: properties.Name,
      Type: properties.Type,
      Description: properties.Description ?? '',
      Content: contentOf(properties),
      ...(tags.length > 0 && { Tags: tags }),
    });
    const id: string = policy.PolicySummary.Id;
    context.created(id);
    await this.attach(context, id, targetsOf(properties));
    return this.read(context, id);
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { physicalId, properties, previous, attributes } = update;
    if (properties.Type !== previous.Type) return 'replace';
    await this.call(context, 'UpdatePolicy', {
      PolicyId: physicalId,
      Name: properties.Name,
      Description: properties.Description ?? '',
      Content: contentOf(properties),
    });
    const before = targetsOf(previous);
    const after = targetsOf(properties);
    await this.attach(context, physicalId, after.filter((target) => !before.includes(target)));
    await this.detach(context, physicalId, before.filter((target) => !after.includes(target)));
    await this.retag(context, update);
    await this.readTargetsAndTags(context, physicalId);
    return { physicalId, attributes };
  }

  public async delete(context: ResourceContext, physicalId: string, properties: any): Promise<void> {
    await this.detach(context, physicalId, targetsOf(properties), ['TargetNotFoundException']);
    await this.call(context, 'DeletePolicy', { PolicyId: physicalId });
  }

  private async refuseTakenName(context: ResourceContext, properties: any): Promise<void> {
    let token: string | undefined;
    do {
      const page = await this.call(context, 'ListPolicies', { Filter: properties.Type, ...(token && { NextToken: token }) });
      if (page.Policies?.some((policy: { Name: string }) => policy.Name === properties.Name)) {
        throw new HandlerError(`Policy with the name ${properties.Name} and the type ${properties.Type} already exists`, 'AlreadyExists');
      }
      token = page.NextToken;
    } while (token);
  }

  private async attach(context: ResourceContext, id: string, targets: string[]): Promise<void> {
    for (const target of targets) {
      await this.call(context, 'AttachPolicy', { PolicyId: id, TargetId: target }, ['DuplicatePolicyAttachmentException']);
    }
  }

  private async detach(context: ResourceContext, id: string, targets: string[], ignored: string[] = []): Promise<void> {
    for (const target of targets) {
      await this.call(context, 'DetachPolicy', { PolicyId: id, TargetId: target }, ['PolicyNotAttachedException', ...ignored]);
    }
  }

  private async retag(context: ResourceContext, update: ResourceUpdate): Promise<void> {
    const { physicalId } = update;
    const { removed, changed } = tagChanges(context, update);
    if (removed.length > 0) await this.call(context, 'UntagResource', { ResourceId: physicalId, TagKeys: removed });
    if (changed.length > 0) await this.call(context, 'TagResource', { ResourceId: physicalId, Tags: changed });
  }

  private async read(context: ResourceContext, id: string): Promise<PhysicalResource> {
    const { Policy: policy } = await this.call(context, 'DescribePolicy', { PolicyId: id });
    await this.readTargetsAndTags(context, id);
    return { physicalId: id, attributes: { Id: id, Arn: policy.PolicySummary.Arn, AwsManaged: policy.PolicySummary.AwsManaged } };
  }

  private async readTargetsAndTags(context: ResourceContext, id: string): Promise<void> {
    await this.call(context, 'ListTargetsForPolicy', { PolicyId: id });
    await this.call(context, 'ListTagsForResource', { ResourceId: id });
  }

  /** With both kinds of retries. Errors named in `ignored` mean that there is nothing to do. */
  private async call(context: ResourceContext, operation: string, input: object, ignored: string[] = []): Promise<any> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.withSdkRetries(context, operation, input);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        if (ignored.includes(error.code)) return {};
        if (attempt >= HANDLER_DELAYS_MS.length || !HANDLER_RETRIES.includes(error.code)) throw asHandlerError(error);
        await context.account.aws.clock.sleep(HANDLER_DELAYS_MS[attempt]);
      }
    }
  }

  private async callOnce(context: ResourceContext, operation: string, input: object): Promise<any> {
    try {
      return await this.withSdkRetries(context, operation, input);
    } catch (error) {
      throw error instanceof AwsError ? asHandlerError(error) : error;
    }
  }

  private async withSdkRetries({ account }: ResourceContext, operation: string, input: object): Promise<any> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await account.aws.organizations.call(operation, input, account.aws.deployer);
      } catch (error) {
        const temporary = error instanceof ConnectionDropped || (error instanceof AwsError && SDK_RETRIES.includes(error.code));
        if (!temporary || attempt >= SDK_DELAYS_MS.length) throw error;
        await account.aws.clock.sleep(SDK_DELAYS_MS[attempt]);
      }
    }
  }
}

/** An object is written compactly; a text is passed on as it is, white space included. */
function contentOf(properties: any): string {
  return typeof properties.Content === 'string' ? properties.Content : JSON.stringify(properties.Content);
}

/** A set: the same target twice is one target. */
function targetsOf(properties: any): string[] {
  return [...new Set<string>(properties.TargetIds ?? [])];
}

function asHandlerError(error: AwsError): HandlerError {
  const code = HANDLER_ERROR_CODES[error.code] ?? 'GeneralServiceException';
  return new HandlerError(`${error.message} (Service: Organizations, Status Code: ${error.status}, Error Code: ${error.code})`, code);
}
