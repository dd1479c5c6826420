// Loads proto/ and says what the other generators need of a field: its rules, kind, label, comment.

import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

export const PROTO_DIR = fileURLToPath(new URL('../../proto/', import.meta.url));
export const PACKAGE = 'nightjar.v1';
export const PROTO_FILES = ['nightjar/v1/detection.proto', 'nightjar/v1/ingest.proto', 'nightjar/v1/query.proto'];

type Json = Record<string, unknown>;

export interface Rules {
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
  readonly required?: boolean;
  readonly max_length?: number;
  readonly max_items?: number;
}

export interface ProtoSet {
  readonly root: protobuf.Root;
  readonly messages: readonly protobuf.Type[];
  readonly enums: readonly protobuf.Enum[];
  readonly services: readonly protobuf.Service[];
}

export function loadProtos(options: { keepCase: boolean }): ProtoSet {
  const root = new protobuf.Root();
  const bundled = fileURLToPath(new URL('.', import.meta.resolve('protobufjs')));
  root.resolvePath = (_origin, target) => (target.startsWith('google/') ? bundled : PROTO_DIR) + target;
  root.loadSync(PROTO_FILES, { keepCase: options.keepCase, alternateCommentMode: true });
  root.resolveAll();
  const objects = (root.lookup(PACKAGE) as protobuf.Namespace).nestedArray;
  return {
    root,
    messages: objects.filter((object) => object instanceof protobuf.Type).filter((type) => type.name !== 'Rules'),
    enums: objects.filter((object) => object instanceof protobuf.Enum),
    services: objects.filter((object) => object instanceof protobuf.Service),
  };
}

export function rulesOf(field: protobuf.Field): Rules {
  const parsed = field.parsedOptions as readonly Record<string, unknown>[] | null | undefined;
  for (const option of parsed ?? []) if ('(rules)' in option) return option['(rules)'] as Rules;
  return {};
}

/** Absent and zero are told apart. */
export function hasPresence(field: protobuf.Field): boolean {
  return !field.repeated && (field.resolvedType instanceof protobuf.Type || field.options?.['proto3_optional'] === true);
}

/** A comment as one line. */
export function commentOf(object: protobuf.ReflectionObject): string {
  return (object.comment ?? '').replace(/\s+/g, ' ').trim();
}

/** Enum values outside are lower case: UPPER_LIMIT is `upper_limit`. The zero (unspecified) has no name there. */
export function enumNames(type: protobuf.Enum): { readonly name: string; readonly number: number }[] {
  return Object.entries(type.values)
    .filter(([, number]) => number !== 0)
    .map(([name, number]) => ({ name: name.toLowerCase(), number }));
}

/** The messages and services as protobufjs JSON, with neither google.protobuf nor the rules. */
export function withoutRules(root: protobuf.Root): protobuf.INamespace {
  const tree = structuredClone(root.toJSON()) as { nested: { nightjar: { nested: { v1: { nested: Record<string, Json> } } } } };
  const objects = tree.nested.nightjar.nested.v1.nested;
  delete objects['Rules'];
  delete objects['rules'];
  for (const object of Object.values(objects)) {
    for (const field of Object.values((object['fields'] ?? {}) as Record<string, { options?: Json }>)) {
      for (const option of Object.keys(field.options ?? {})) {
        if (option.startsWith('(rules)')) delete field.options?.[option];
      }
    }
  }
  return { nested: { nightjar: tree.nested.nightjar } };
}
