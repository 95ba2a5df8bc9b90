import { distance } from 'fastest-levenshtein';

/** The candidate a person probably meant, if one is close enough to be worth asking about. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.trim().toLowerCase();
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: distance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  // Two neighbours swapped are two edits, and the most common slip.
  return best && best.edits <= Math.max(2, Math.floor(Math.min(wanted.length, best.candidate.length) / 3)) ? best.candidate : undefined;
}
