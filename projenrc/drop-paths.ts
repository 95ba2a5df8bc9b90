import { readFileSync, writeFileSync } from 'fs';

/*
 * Removes the comments that esbuild writes into a bundle, the paths of source files and notes for other bundlers: usage, tsx projenrc/drop-paths.ts FILE
 */
const [, , file] = process.argv;
writeFileSync(file, readFileSync(file, 'utf8').replace(/^\/\/ src\/.*\n|\/\* @__PURE__ \*\/ /gm, ''));
