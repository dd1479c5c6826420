// Settings as options of a command: `--http-port` for NIGHTJAR_HTTP_PORT, with the help from the one table.

import { Option, type Command } from 'commander';
import { flagOf, SETTING_LIST } from '../config.ts';

export function addSettingOptions(command: Command): Command {
  for (const setting of SETTING_LIST) {
    const { key, default: preset, allowed, description } = setting;
    const defaultText = preset === '' ? '' : `, default ${preset}`;
    command.addOption(new Option(`${flagOf(setting)} <value>`, `${description} (${allowed}${defaultText}) [${key}]`));
  }
  return command;
}

/** The texts that were given, by key. */
export function givenFlags(command: Command): Record<string, string> {
  const options: Record<string, unknown> = command.opts();
  const flags: Record<string, string> = {};
  for (const setting of SETTING_LIST) {
    const value = options[camelCase(flagOf(setting).slice(2))];
    if (typeof value === 'string') flags[setting.key] = value;
  }
  return flags;
}

/** As commander names an option's value. */
function camelCase(words: string): string {
  return words.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
