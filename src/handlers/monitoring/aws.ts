import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '../../organization/errors';
import { SDK_CONFIGURATION } from '../../organization/organizations-client';
import type { SurveyClient } from '../../organization/survey/client';

/** Calls a second, as AWS documents them; five where nothing is said here. AWS documents none for DescribeEffectivePolicy. */
const RATES: Record<string, number> = { ListRoots: 1, DescribePolicy: 2, DescribeEffectivePolicy: 2, ListAccounts: 8 };

/** The Organizations API at the pace that AWS allows. What passes is tried again until the signal ends it. */
export function organizations(): SurveyClient {
  const sdk = require('@aws-sdk/client-organizations');
  const client = new sdk.OrganizationsClient(SDK_CONFIGURATION);
  const free: Record<string, number> = {};

  const pause = async (milliseconds: number, signal?: AbortSignal) => sleep(milliseconds, undefined, { signal }).catch(() => {});

  const call = async (operation: string, input: object = {}, abortSignal?: AbortSignal) => {
    for (let longest = 1_000; ; longest = Math.min(2 * longest, 20_000)) {
      const now = Date.now();
      const at = Math.max(now, free[operation] ?? 0);
      free[operation] = at + 1_000 / (RATES[operation] ?? 5);
      if (at > now) await pause(at - now, abortSignal);
      abortSignal?.throwIfAborted();
      try {
        return await client.send(new sdk[`${operation}Command`](input), { abortSignal });
      } catch (error) {
        abortSignal?.throwIfAborted();
        if (!isTransient(error)) throw error;
        await pause(longest * (0.5 + Math.random() / 2), abortSignal);
      }
    }
  };

  const list = async (operation: string, member: string, input?: object, signal?: AbortSignal) => {
    const items = [];
    let page: any = {};
    do {
      page = await call(operation, { ...input, NextToken: page.NextToken }, signal);
      items.push(...page[member] ?? []);
    } while (page.NextToken);
    return items;
  };

  return { call, list, clock: { sleep: pause } };
}

const CLIENTS = { SSM: 'ssm', SNS: 'sns', ConfigService: 'config-service', CloudFormation: 'cloudformation' };

/** Calls another service. Its client is loaded when it is needed, and retries by itself. */
export async function callAws(service: keyof typeof CLIENTS, operation: string, input: object): Promise<any> {
  const sdk = require(`@aws-sdk/client-${CLIENTS[service]}`);
  return new sdk[`${service}Client`]({}).send(new sdk[`${operation}Command`](input));
}
