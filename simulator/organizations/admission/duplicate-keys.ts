/** A string, followed by a colon if it is a key; or the start or end of an object. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g;

/** Whether an object in a valid JSON text has the same key twice, which `JSON.parse` accepts and AWS rejects. */
export function hasDuplicateKeys(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, text, colon] of json.matchAll(TOKEN)) {
    if (token === '{') {
      open.push(new Set());
    } else if (token === '}') {
      open.pop();
    } else if (colon) {
      const keys = open.at(-1)!;
      const key = JSON.parse(text!) as string;
      if (keys.has(key)) return true;
      keys.add(key);
    }
  }
  return false;
}
