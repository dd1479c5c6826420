// The descriptor that gRPC server reflection sends: the whole package as one file.

import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { PACKAGE, withoutRules, type ProtoSet } from './protos.ts';

interface FieldDescriptor {
  typeName?: string;
  oneofIndex?: number;
  proto3Optional?: boolean;
  options?: unknown;
}

interface FileDescriptor {
  name: string;
  messageType: { oneofDecl: { name?: string }[]; field: FieldDescriptor[] }[];
  service: { method: { inputType?: string; outputType?: string }[] }[];
}

/** What protobufjs/ext/descriptor adds to Root. */
interface Describable {
  toDescriptor(syntax: string): { file: FileDescriptor[] };
}

export function descriptorSource(set: ProtoSet): string {
  const root = protobuf.Root.fromJSON(withoutRules(set.root));
  root.resolveAll();
  const [file] = (root as unknown as Describable).toDescriptor('proto3').file;
  file.name = `${PACKAGE.replaceAll('.', '/')}/nightjar.proto`;
  // protoc writes full names, and some clients rely on it
  for (const type of file.messageType) for (const field of type.field) complete(type.oneofDecl, field);
  for (const method of file.service.flatMap((service) => service.method)) {
    method.inputType = fullName(method.inputType ?? '');
    method.outputType = fullName(method.outputType ?? '');
  }
  const bytes = descriptor.FileDescriptorProto.encode(file).finish();
  return `/** FileDescriptorProto, base64. */\nexport const FILE_DESCRIPTORS = ['${Buffer.from(bytes).toString('base64')}'] as const;\n`;
}

/** protobufjs leaves out that a field is optional, and says of every field that it is not packed. */
function complete(oneofs: readonly { name?: string }[], field: FieldDescriptor): void {
  if (field.typeName) field.typeName = fullName(field.typeName);
  const oneof = Object.hasOwn(field, 'oneofIndex') ? oneofs[field.oneofIndex ?? 0].name : undefined;
  if (oneof?.startsWith('_')) field.proto3Optional = true;
  delete field.options;
}

const fullName = (name: string): string => (name.startsWith('.') ? name : `.${PACKAGE}.${name}`);
