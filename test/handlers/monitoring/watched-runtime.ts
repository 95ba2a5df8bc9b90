import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Invocation } from '../../../simulator/lambda/lambda-function';

/** Runs in the function's process before anything else. Plain JavaScript: there is nothing there to compile it. */
const HOOK = `
  'use strict';
  const { existsSync, readFileSync, rmSync } = require('node:fs');
  const { join } = require('node:path');
  const order = join(__dirname, 'die-after');
  const last = existsSync(order) ? Number(readFileSync(order, 'utf8')) : 0;
  const calls = [];
  require('node:diagnostics_channel').subscribe('http.client.response.finish', ({ request }) => {
    const [, service] = /\\/([a-z]+)\\/aws4_request/.exec(request.getHeader('authorization'));
    const [, operation] = String(request.getHeader('x-amz-target') ?? '').split('.');
    calls.push(operation ? service + ' ' + operation : service);
    if (calls.length !== last) return;
    rmSync(order);
    process.kill(process.pid, 'SIGKILL');
  });
  if (existsSync(join(__dirname, 'without-paths'))) {
    const { parse } = JSON;
    JSON.parse = (...args) => {
      const value = parse(...args);
      for (const account of value?.Accounts ?? []) delete account.Paths;
      return value;
    };
  }
  const send = process.send.bind(process);
  process.send = (message) => {
    if (['result', 'error'].includes(message.type)) send({ type: 'log', line: JSON.stringify({ calls, megabytes: process.resourceUsage().maxRSS / 1024 }) });
    return send(message);
  };
`;

/** A Node.js for functions that says what they call and how much memory they take, and that dies in the middle when it is told to. */
export class WatchedRuntime {
  private readonly directory = mkdtempSync(join(tmpdir(), 'watched-runtime-'));
  private readonly order = join(this.directory, 'die-after');
  private readonly before = process.env.LAMBDA_NODE;

  /** @param heapMegabytes what Lambda leaves to the heap of a function */
  public constructor(heapMegabytes?: number) {
    const hook = join(this.directory, 'hook.cjs');
    const node = join(this.directory, 'node');
    const heap = heapMegabytes ? `--max-old-space-size=${heapMegabytes}` : '';
    writeFileSync(hook, HOOK);
    writeFileSync(node, `#!/bin/sh\nexec "${process.execPath}" ${heap} --require "${hook}" "$@"\n`);
    chmodSync(node, 0o755);
    process.env.LAMBDA_NODE = node;
  }

  /** The next run dies as soon as it has got the answer to its so-manieth call, from 1. */
  public dieAfter(call: number): void {
    writeFileSync(this.order, String(call));
  }

  /** Whether a run that was told to die has not done so yet. */
  public get isDeathPending(): boolean {
    return existsSync(this.order);
  }

  /** From now on its SDK is one from before 2026-03-30, which drops the paths of accounts. */
  public forgetPaths(): void {
    writeFileSync(join(this.directory, 'without-paths'), '');
  }

  public close(): void {
    if (this.before === undefined) delete process.env.LAMBDA_NODE;
    else process.env.LAMBDA_NODE = this.before;
    rmSync(this.directory, { recursive: true });
  }
}

/** What a run that came to its end called: the service, and the operation where the request says it outside its body. */
export function callsOf(run: Invocation): string[] {
  return watched(run).calls;
}

/** The most memory that a run had, as the operating system counts it. */
export function megabytesOf(run: Invocation): number {
  return watched(run).megabytes;
}

function watched({ logLines }: Invocation): { calls: string[]; megabytes: number } {
  const line = logLines.find((text) => text.startsWith('{"calls"'));
  if (!line) throw new Error(`the run did not come to its end: ${logLines.at(-1)}`);
  return JSON.parse(line);
}
