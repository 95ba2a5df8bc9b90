import { readFileSync, writeFileSync } from 'fs';

/*
 * Removes the comments that esbuild writes into a bundle, the paths of source files and notes for other bundlers, and indents it with tabs, which makes
 * it smaller: usage, tsx projenrc/drop-paths.ts FILE
 */
const [, , file] = process.argv;
const text = readFileSync(file, 'utf8').replace(/^\/\/ src\/.*\n|\/\* @__PURE__ \*\/ /gm, '');
writeFileSync(file, text.replace(/^(?: {2})+/gm, (spaces) => '\t'.repeat(spaces.length / 2)));
