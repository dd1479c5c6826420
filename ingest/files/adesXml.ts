// ADES as XML. Only UTF-8 and no document type: then there are no entities to expand and nothing outside the
// file to fetch. What is held at a time is one observation.

import { SaxesParser } from 'saxes';
import { AppError } from '../../src/errors.ts';
import { adesRowOf } from './adesRow.ts';
import { BatchBuilder, type FileBatch } from './detectionBatch.ts';
import { MAX_FIELD_BYTES, MAX_RECORD_BYTES, MAX_XML_DEPTH } from './limits.ts';
import { addPart } from './packet.ts';
import type { ReadOptions } from './readOptions.ts';
import { TextFields } from './recordFields.ts';
import { quoted } from './text.ts';

export async function* readAdesXml(chunks: AsyncIterable<Uint8Array>, options: ReadOptions, fileName: string): AsyncGenerator<FileBatch> {
  const batch = new BatchBuilder();
  const reader = new AdesXmlReader(batch, options, fileName);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isStart = true;
  for await (const chunk of chunks) {
    if (isStart) refuseOtherThanXml(chunk);
    isStart = false;
    reader.write(decodedText(() => decoder.decode(chunk, { stream: true })));
    if (batch.isFull) yield* batch.takeFull();
  }
  reader.write(decodedText(() => decoder.decode()));
  reader.end();
  yield* batch.takeAll();
}

class AdesXmlReader {
  readonly #parser = new SaxesParser();
  readonly #batch: BatchBuilder;
  readonly #options: ReadOptions;
  readonly #fileName: string;
  /** Names of the open elements. */
  readonly #open: string[] = [];
  #observation: { readonly line: number; readonly values: Map<string, string> } | null = null;
  #text = '';
  /** Characters given to the parser since it last reported anything: what it holds on to. */
  #held = 0;

  constructor(batch: BatchBuilder, options: ReadOptions, fileName: string) {
    this.#batch = batch;
    this.#options = options;
    this.#fileName = fileName;
    this.#parser.on('error', (error) => {
      throw new AppError('invalid_argument', `XML: ${error.message}`, { cause: error });
    });
    this.#parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !/^(?:utf-8|utf8|us-ascii)$/i.test(encoding)) {
        throw new AppError('invalid_argument', `XML says its encoding is ${quoted(encoding)}, must be UTF-8`);
      }
    });
    this.#parser.on('doctype', () => {
      throw new AppError('invalid_argument', `line ${String(this.#parser.line)}: a document type is not read, as it could define entities`);
    });
    this.#parser.on('opentag', ({ name }) => {
      this.#openElement(name);
    });
    this.#parser.on('text', (text) => {
      this.#addText(text);
    });
    this.#parser.on('cdata', (text) => {
      this.#addText(text);
    });
    this.#parser.on('closetag', ({ name }) => {
      this.#closeElement(name);
    });
  }

  write(text: string): void {
    // In pieces, so that the check comes before the parser has taken in much more.
    for (let from = 0; from < text.length; from += MAX_FIELD_BYTES) {
      const piece = text.slice(from, from + MAX_FIELD_BYTES);
      this.#held += piece.length;
      this.#parser.write(piece);
      if (this.#held > MAX_RECORD_BYTES)
        throw new AppError(
          'resource_exhausted',
          `line ${String(this.#parser.line)}: XML with more than ${String(MAX_RECORD_BYTES)} characters in one piece`,
        );
    }
  }

  end(): void {
    this.#parser.close();
  }

  #openElement(name: string): void {
    this.#held = 0;
    if (this.#open.length === 0 && name !== 'ades') throw new AppError('invalid_argument', `XML is ${quoted(name)}, must be ades`);
    if (this.#open.length >= MAX_XML_DEPTH) throw new AppError('invalid_argument', `XML is nested more than ${String(MAX_XML_DEPTH)} deep`);
    if (this.#open.at(-1) === 'obsData') this.#observation = { line: this.#parser.line, values: new Map() };
    this.#open.push(name);
    this.#text = '';
  }

  #addText(text: string): void {
    this.#held = 0;
    if (this.#observation === null) return;
    this.#text += text;
    if (this.#text.length > MAX_FIELD_BYTES)
      throw new AppError(
        'invalid_argument',
        `line ${String(this.#parser.line)}: text is longer than ${String(MAX_FIELD_BYTES)} characters`,
      );
  }

  #closeElement(name: string): void {
    this.#held = 0;
    this.#open.pop();
    const observation = this.#observation;
    if (observation === null) return;
    if (this.#open.at(-1) === 'obsData') {
      this.#observation = null;
      this.#addObservation(name, observation.line, observation.values);
    } else {
      // Groups such as optical/localUse hold elements of their own; the names of ADES are unique.
      if (!observation.values.has(name)) observation.values.set(name, this.#text);
      this.#text = '';
    }
  }

  #addObservation(kind: string, line: number, values: ReadonlyMap<string, string>): void {
    if (kind !== 'optical') {
      this.#batch.reject(line, `${kind} is no measured position; only optical is read`);
      return;
    }
    const fields = new TextFields(new Map([...values.keys()].map((name, place) => [name, place])));
    fields.fields = [...values.values()].map((text) => text.trim());
    addPart(this.#batch, line, () => adesRowOf(fields, `${this.#fileName}:${String(line)}`, this.#options));
  }
}

/** UTF-8 and ASCII begin with `<`, perhaps after a byte order mark or blanks; the others do not. */
function refuseOtherThanXml(head: Uint8Array): void {
  const text = Buffer.from(head.subarray(0, 64))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (head.subarray(0, 64).includes(0) || !text.startsWith('<')) {
    throw new AppError('invalid_argument', `XML begins with ${quoted(text.slice(0, 8))}, must be in UTF-8 and begin with <`);
  }
}

function decodedText(decode: () => string): string {
  try {
    return decode();
  } catch (error) {
    throw new AppError('invalid_argument', 'XML is not UTF-8', { cause: error });
  }
}
