import { dashboardProblems } from '../../cloudwatch/dashboard-body';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';

/** AWS::CloudWatch::Dashboard. */
export class CloudWatchDashboardProvider implements ResourceProvider {
  public readonly types = ['AWS::CloudWatch::Dashboard'];

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    return Properties.DashboardBody === undefined ? [`${logicalId}: DashboardBody is missing`] : [];
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    // The resource's schema does not say that a generated name begins with the stack's.
    const name: string = properties.DashboardName ?? `${context.logicalId}-${account.generatedName(context, 255).slice(-12)}`;
    await this.put(context, name, properties);
    context.created(name);
    await account.takeTime();
    return { physicalId: name, attributes: {} };
  }

  public async update(context: ResourceContext, { physicalId, properties, previous, attributes }: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    if (properties.DashboardName !== previous.DashboardName) return 'replace';
    await this.put(context, physicalId, properties);
    await context.account.takeTime();
    return { physicalId, attributes };
  }

  public async delete({ account }: ResourceContext, name: string): Promise<void> {
    await account.ask('cloudwatch:DeleteDashboards', account.aws.cloudWatch.dashboardArn(name));
    account.aws.cloudWatch.deleteDashboard(name);
    await account.takeTime();
  }

  private async put({ account, logicalId }: ResourceContext, name: string, { DashboardBody }: any): Promise<void> {
    const { cloudWatch } = account.aws;
    await account.ask('cloudwatch:PutDashboard', cloudWatch.dashboardArn(name));
    const problems = dashboardProblems(String(DashboardBody));
    if (!/^[\w-]{1,255}$/.test(name)) problems.unshift(`the name ${name} has other characters than letters, digits, - and _`);
    if (problems.length > 0) {
      const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'}`;
      throw new HandlerError(`The dashboard body is invalid, there are ${count}: ${problems.join('; ')} (Service: CloudWatch, Status Code: 400)`, 'InvalidRequest');
    }
    cloudWatch.putDashboard({ name, logicalId, body: JSON.parse(DashboardBody) });
  }
}
