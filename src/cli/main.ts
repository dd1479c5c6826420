// The command line. Each command is one file; what went wrong is one line on standard error.

import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { appErrorOf } from '../contract/status.ts';
import { EXIT_FAILED } from './exitCodes.ts';
import { addIngestCommand } from './ingestCommand.ts';
import { addConeCommand, addLightCurveCommand, addStatusCommand } from './queryCommands.ts';
import { addServeCommand } from './serveCommand.ts';

const EXAMPLES = `
Examples:
  nightjar serve                                            start the service on the embedded store
  nightjar ingest night.csv.gz                              stream a file into it
  nightjar cone --ra 10.68 --dec 41.27 --radius-arcsec 10   what is there
  nightjar lightcurve ZTF18abcdefg                          how its brightness went
  nightjar status                                           what the service holds`;

const program = new Command('nightjar')
  .description('A spatial-temporal in-memory database for detections of the changing sky.')
  .version(packageJson.version, '--version')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(see --help)')
  .exitOverride();
addServeCommand(program);
addIngestCommand(program);
addConeCommand(program);
addLightCurveCommand(program);
addStatusCommand(program);
for (const command of program.commands) command.exitOverride().showHelpAfterError('(see --help)');

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Says what was wrong, unless commander has said it. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_FAILED;
  const { message, cause } = appErrorOf(error);
  process.stderr.write(`nightjar: ${message}\n`);
  // a defect of ours: the developer needs the stack
  if (message === 'internal error') process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
  return EXIT_FAILED;
}
