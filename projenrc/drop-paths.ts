import { readFileSync, writeFileSync } from 'fs';

/*
 * Takes the comments with which esbuild names the source files out of a bundle: usage, tsx projenrc/drop-paths.ts FILE
 */
const [, , file] = process.argv;
writeFileSync(file, readFileSync(file, 'utf8').replace(/^\/\/ src\/.*\n/gm, ''));
