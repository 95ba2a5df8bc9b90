import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaFunction } from '../simulator/lambda/lambda-function';
import { type ProcessOptions } from '../simulator/lambda/runtime-host';
import { SimulatedClock } from '../simulator/simulated-clock';

/** Milliseconds of real time that the simulator needs for invocations of a function that does nothing. */
export interface InvocationCosts {
  /** The thread is prepared, but has not seen the code of the function. */
  readonly firstCold: number[];
  readonly cold: number[];
  readonly warm: number[];

  /** In a process of its own, which every invocation starts anew. */
  readonly process: number[];
}

const RUNS = 21;

/** Text as long as our largest function, so that compiling it counts. It does nothing. */
const CODE = `${readFileSync(join(__dirname, '../assets/handlers/monitoring/index.js'), 'utf8')}\nexports.handler = async () => null;\n`;

/** Measures invocations of a function with the text of the monitoring function, for which nothing is called. */
export async function measureInvocations(): Promise<InvocationCosts> {
  const clock = new SimulatedClock();
  const make = (code: string, process?: ProcessOptions) => new LambdaFunction({
    name: 'Bench',
    arn: 'arn:aws:lambda:us-east-1:111122223333:function:Bench',
    code,
    handler: 'index.handler',
    timeoutSeconds: 900,
    environment: { STATE_PARAMETER: 'State' },
    role: { accountId: '111122223333', arn: 'arn:aws:sts::111122223333:assumed-role/Bench/Bench' },
  }, { clock, region: 'us-east-1', endpointUrl: 'http://127.0.0.1:9', registerCaller: () => {}, process });
  const time = async (lambda: LambdaFunction) => {
    const start = performance.now();
    const { error } = await lambda.invoke({}, { requestId: 'bench', attempt: 1 });
    if (error) throw new Error(`${error.errorType}: ${error.errorMessage}`);
    return performance.now() - start;
  };
  const repeat = async (runs: number, measure: (run: number) => Promise<number>) => {
    const times: number[] = [];
    for (let run = 0; run < runs; run++) times.push(await measure(run));
    return times;
  };
  const closing = async (lambda: LambdaFunction) => {
    const milliseconds = await time(lambda);
    lambda.close();
    return milliseconds;
  };

  // Prepares the first thread.
  await closing(make('exports.handler = async () => null;'));
  const firstCold = await repeat(RUNS, async (run) => closing(make(`${CODE}// ${run}`)));
  const cold = await repeat(RUNS, async () => closing(make(CODE)));
  const lambda = make(CODE);
  await time(lambda);
  const warm = await repeat(RUNS, async () => time(lambda));
  lambda.close();
  const process = await repeat(7, async () => closing(make(CODE, {})));
  clock.stop();
  return { firstCold, cold, warm, process };
}
