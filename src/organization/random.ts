const MODULUS = 2 ** 31 - 1;

/** Numbers between 0 and 1 that depend on nothing but the seed (Park and Miller's generator, good enough to choose accounts). */
export function randomNumbers(seed: number): () => number {
  let state = (Math.abs(Math.trunc(seed)) % (MODULUS - 1)) + 1;
  const next = () => {
    state = (state * 48271) % MODULUS;
    return (state - 1) / (MODULUS - 1);
  };
  // Small seeds would all begin with a small number.
  next();
  next();
  return next;
}

/** So many different items, each as likely as the others. */
export function sample<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = randomNumbers(seed);
  const left = [...items];
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0) {
    const index = Math.floor(random() * left.length);
    chosen.push(left[index]);
    left[index] = left[left.length - 1];
    left.pop();
  }
  return chosen;
}
