// The codec: protobufjs' static module (encode and decode only), with 64-bit integers as bigint, and its
// types. Without google.protobuf and the rules it is a tenth as long.

import pbjs from 'protobufjs-cli/pbjs.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commentOf, enumNames, hasPresence, rulesOf, withoutRules, type ProtoSet } from './protos.ts';

const PBJS_OPTIONS = [
  ['-t', 'static-module', '-w', 'es6', '--es6', '--no-comments', '--no-create', '--no-verify', '--no-convert'],
  ['--no-delimited', '--no-service', '--no-typeurl'],
].flat();

export async function codecSource(set: ProtoSet): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'nightjar-gen-'));
  try {
    const json = join(dir, 'nightjar.json');
    writeFileSync(json, JSON.stringify(withoutRules(set.root)));
    const source = await new Promise<string>((resolve, reject) => {
      pbjs.main([...PBJS_OPTIONS, json], (error, output) => {
        if (error !== null) reject(error);
        else resolve(output ?? '');
        return undefined;
      });
    });
    return adapted(source);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Node resolves no directory imports, and protobufjs' Long is kept out of everybody else's code. */
function adapted(source: string): string {
  return source
    .replace(
      /import (?:\* as )?(\S+) from "protobufjs\/minimal(?:\.js)?";/,
      'import $1 from "protobufjs/minimal.js";\nimport { bigintOfLong, longOfBigint } from "../int64.ts";',
    )
    .replaceAll(/(?<=message\.\w+ = )(r\.|reader\.)(u?int64|s?fixed64)\(\)/g, 'bigintOfLong($1$2(), $2)')
    .replaceAll(
      /bigintOfLong\((\S+), (u?int64|s?fixed64)\)/g,
      (_all, read: string, type: string) => `bigintOfLong(${read}, ${String(/^[uf]/.test(type))})`,
    )
    .replaceAll(/\.(u?int64|s?fixed64)\(message\.(\w+)\)/g, '.$1(longOfBigint(message.$2))')
    .replaceAll(/\$util\.Long \? \$util\.Long\.fromBits\(0,0,(?:true|false)\) : 0/g, '0n');
}

const SCALAR_TYPES: Readonly<Record<string, string>> = { string: 'string', bool: 'boolean', bytes: 'Uint8Array' };

/** Types of what decode gives and encode takes: a field may be left out; where absent and zero differ, it may be null. */
export function codecTypes(set: ProtoSet): string {
  const enums = set.enums.map((type) => {
    const values = enumNames(type).map(({ number, name }) => `${String(number)} ${name}`);
    return `${doc([commentOf(type), ['0 unspecified', ...values].join(', ')].join(' ').trim())}export type ${type.name} = ${['0', ...enumNames(type).map(({ number }) => String(number))].join(' | ')};\n`;
  });
  const messages = set.messages.map((type) => {
    const fields = type.fieldsArray.map((field) => `${doc(fieldDoc(field), '  ')}  ${field.name}?: ${fieldType(field)};\n`);
    return `${doc(commentOf(type))}export interface ${type.name} {\n${fields.join('')}}\nexport const ${type.name}: MessageCodec<${type.name}>;\n`;
  });
  return `import type { Reader, Writer } from 'protobufjs';

export interface MessageCodec<T> {
  encode(message: T, writer?: Writer): Writer;
  decode(from: Reader | Uint8Array, length?: number): T;
}

${[...enums, ...messages].join('\n')}
`;
}

function fieldDoc(field: protobuf.Field): string {
  const { min, max, unit } = rulesOf(field);
  const range = min === undefined && max === undefined ? '' : `[${String(min ?? '-inf')}, ${String(max ?? 'inf')}]`;
  return [commentOf(field), [range, unit ?? ''].join(' ').trim()].filter((part) => part !== '').join(' ');
}

function fieldType(field: protobuf.Field): string {
  const one = field.resolvedType?.name ?? SCALAR_TYPES[field.type] ?? (/64$/.test(field.type) ? 'bigint' : 'number');
  if (field.repeated) return `readonly ${one}[]`;
  return hasPresence(field) ? `${one} | null | undefined` : one;
}

const doc = (text: string, indent = ''): string => (text === '' ? '' : `${indent}/** ${text} */\n`);
