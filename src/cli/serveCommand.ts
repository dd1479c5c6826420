// `nightjar serve`: the service until SIGTERM or SIGINT.

import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { addSettingOptions, givenFlags } from './settings.ts';

const EXAMPLES = `
Every option is an environment variable too; the option wins.

Examples:
  nightjar serve
  nightjar serve --data-dir /var/lib/nightjar --durability always
  NIGHTJAR_STORE=redis NIGHTJAR_REDIS_URL=unix:///run/redis.sock nightjar serve --http-port 8081`;

/** Beyond the stop of the faces: time for the store to close. */
const CLOSE_STORE_MS = 10_000;

export function addServeCommand(program: Command): void {
  const command = program.command('serve').description('run the service: REST, gRPC, metrics, health');
  addSettingOptions(command).addHelpText('after', EXAMPLES);
  command.action(async () => {
    const config = readConfig(givenFlags(command));
    // only this command needs the servers: the others start several times faster without
    const [{ openLog }, { startService }, { default: closeWithGrace }] = await Promise.all([
      import('../log.ts'),
      import('../main.ts'),
      import('close-with-grace'),
    ]);
    const log = openLog(config.logLevel);
    const service = await startService(config, log);
    closeWithGrace({ delay: config.shutdownTimeoutMs + CLOSE_STORE_MS, logger: false }, async ({ signal, err }) => {
      if (err !== undefined) log.fatal({ err }, 'stopping after an error that nobody caught');
      else log.info({ signal }, 'stopping');
      await service.stop();
    });
  });
}
