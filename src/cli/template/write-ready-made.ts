import { writeFolder } from './folder';
import { readyMadeTemplates } from './ready-made';

/* Run when the package is made: writes its ready-made templates into the folder that is named. */

const [folder = 'templates'] = process.argv.slice(2);
const written = writeFolder(folder, readyMadeTemplates(), { force: true });
process.stdout.write(written.map((path) => `wrote ${path}\n`).join(''));
