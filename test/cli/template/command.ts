import { run } from '../../../src/cli/main';

/* The command from its sources, for tests in other languages: tsx test/cli/template/command.ts template --json */

void run();
