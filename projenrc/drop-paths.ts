import { readFileSync, writeFileSync } from 'fs';

/*
 * Takes the comments with which esbuild names the source files out of a bundle, and indents it with tabs, which makes it smaller:
 * usage, tsx projenrc/drop-paths.ts FILE
 */
const [, , file] = process.argv;
const text = readFileSync(file, 'utf8').replace(/^\/\/ src\/.*\n/gm, '');
writeFileSync(file, text.replace(/^(?: {2})+/gm, (spaces) => '\t'.repeat(spaces.length / 2)));
