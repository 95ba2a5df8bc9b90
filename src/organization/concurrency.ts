import { setMaxListeners } from 'node:events';

/** Does the work for all items, up to `limit` at a time, and returns the results in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** Runs the work with a signal that is aborted when the work ends or `outer` is aborted, so that no call outlives the work. */
export async function scoped<T>(outer: AbortSignal | undefined, work: (signal: AbortSignal, controller: AbortController) => Promise<T>): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort(outer!.reason);
  // Parallel calls listen to one signal, which is no leak.
  if (outer) setMaxListeners(0, outer);
  outer?.addEventListener('abort', stop);
  try {
    return await work(controller.signal, controller);
  } finally {
    outer?.removeEventListener('abort', stop);
    controller.abort();
  }
}
