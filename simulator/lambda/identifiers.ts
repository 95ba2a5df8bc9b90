import { createHash } from 'node:crypto';

/** A hexadecimal text that depends on nothing but what it is made from: the simulation draws no random numbers. */
export function hash(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/** A 32-bit number made from texts. */
export function hashNumber(...parts: string[]): number {
  return parseInt(hash(...parts).slice(0, 8), 16);
}

/** What looks like a UUID of version 4, made from texts. */
export function uuidFrom(...parts: string[]): string {
  const digits = hash(...parts);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

/** The random-looking end of a name that AWS generates. */
export function suffixFrom(length: number, ...parts: string[]): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const digits = hash(...parts);
  return Array.from({ length }, (_, index) => alphabet[parseInt(digits.slice(index * 2, index * 2 + 2), 16) % alphabet.length]).join('');
}
