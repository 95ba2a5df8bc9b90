/** The candidate that a typing mistake was most likely meant to be; none where nothing is near. */
export function closest(word: string, candidates: string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .filter((found) => found.distance <= Math.max(1, Math.floor(found.candidate.length / 4)))
    .sort((one, other) => one.distance - other.distance);
  return best?.candidate;
}

/** Letters to add, drop or change (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length];
}
