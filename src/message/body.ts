import { createReadStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'

import type { Document, Node } from 'slimdom'

import { parseXml, serializeXml } from '../formats/xml.ts'
import { faults } from './faults.ts'
import { plainText } from './principal.ts'

/** A body too large for memory, kept in a file of the spool until its message ends. */
export interface SpooledFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
}

const nothing = Buffer.alloc(0)

/**
 * The body of a message. It never changes; a step puts a new body in its place. It is given in one form and converted
 * to others when they are asked for, each at most once.
 */
export class Body {
  #bytes: Buffer | undefined
  #text: string | undefined
  #document: Document | undefined
  readonly #nodes: readonly Node[] | undefined
  readonly #file: SpooledFile | undefined
  /** The character set of the bytes, where the body was given as bytes or as a file. */
  readonly charset: string
  /** True where the body was given as text, or is empty; scripts get text as a string and anything else as a stream. */
  readonly isText: boolean

  private constructor(form: {
    bytes?: Buffer
    text?: string
    document?: Document
    nodes?: readonly Node[]
    file?: SpooledFile
    charset?: string
  }) {
    this.#bytes = form.bytes
    this.#text = form.text
    this.#document = form.document
    this.#nodes = form.nodes
    this.#file = form.file
    this.charset = form.charset ?? 'utf-8'
    this.isText = form.text !== undefined
  }

  static readonly empty: Body = new Body({ bytes: nothing, text: '' })
  static ofText = (text: string): Body => (text === '' ? Body.empty : new Body({ text }))
  static ofBytes = (bytes: Buffer, charset?: string): Body =>
    bytes.length === 0 ? Body.empty : new Body({ bytes, ...(charset !== undefined && { charset }) })
  static ofDocument = (document: Document): Body => new Body({ document })
  /** Nodes one after the other, as a filter or a property yields them. */
  static ofNodes = (nodes: readonly Node[]): Body => new Body({ nodes })
  static ofFile = (file: SpooledFile, charset?: string): Body =>
    new Body({ file, ...(charset !== undefined && { charset }) })

  /** A body of whatever a header, a property or an expression holds: nothing, bytes, nodes, a body, else its text. */
  static of(value: unknown): Body {
    if (value === undefined || value === null) return Body.empty
    if (value instanceof Body) return value
    if (Buffer.isBuffer(value)) return Body.ofBytes(value)
    if (value instanceof Uint8Array) return Body.ofBytes(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
    if (isNode(value)) return value.nodeType === 9 ? Body.ofDocument(value as Document) : Body.ofNodes([value])
    if (Array.isArray(value) && value.length > 0 && value.every(isNode)) return Body.ofNodes(value)
    return Body.ofText(plainText(value))
  }

  /** The body as bytes: as they came, or UTF-8. Reads a spooled body into memory. */
  bytes(): Buffer {
    if (this.#bytes !== undefined) return this.#bytes
    // A spooled body stays on disk: keeping its bytes here would undo the spooling.
    if (this.#file !== undefined) return readFileSync(this.#file.path)
    this.#bytes = Buffer.from(this.text(), 'utf8')
    return this.#bytes
  }

  text(): string {
    if (this.#text !== undefined) return this.#text
    if (this.#document !== undefined) this.#text = serializeXml(this.#document)
    else if (this.#nodes !== undefined) this.#text = this.#nodes.map((node) => serializeXml(node)).join('')
    else return this.#decoded()
    return this.#text
  }

  #decoded(): string {
    const bytes = this.bytes()
    const text = /^utf-?8$/i.test(this.charset) ? bytes.toString('utf8') : decode(bytes, this.charset)
    if (this.#file === undefined) this.#text = text
    return text
  }

  /**
   * The body as an XML document, parsed once. Whoever wants to change it works on a copy.
   * @throws message.bodyNotXml
   */
  document(): Document {
    if (this.#document === undefined) {
      try {
        this.#document = parseXml(this.#bytes !== undefined || this.#file !== undefined ? this.bytes() : this.text())
      } catch (cause) {
        throw faults.bodyNotXml({ why: cause instanceof Error ? cause.message : String(cause) }, { cause })
      }
    }
    return this.#document
  }

  get spooled(): SpooledFile | undefined {
    return this.#file
  }

  get isEmpty(): boolean {
    return this === Body.empty || (this.#file?.size ?? this.#bytes?.length ?? this.text().length) === 0
  }

  /** Length in bytes. */
  get length(): number {
    return this.#file?.size ?? this.bytes().length
  }

  /** The bytes as a stream, without reading a spooled body into memory. */
  stream(): Readable {
    return this.#file === undefined ? Readable.from([this.bytes()]) : createReadStream(this.#file.path)
  }
}

function decode(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch (cause) {
    throw faults.charsetUnknown({ charset }, { cause })
  }
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'nodeType' in value && 'ownerDocument' in value
