/** Does the work for all items, a few at a time, and answers in the order of the items. */
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

/** Hands out a signal that ends with the work, so that nothing started for it goes on calling AWS once a part of it has failed. */
export async function scoped<T>(outer: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort(outer!.reason);
  outer?.addEventListener('abort', stop);
  try {
    return await work(controller.signal);
  } finally {
    outer?.removeEventListener('abort', stop);
    controller.abort();
  }
}
