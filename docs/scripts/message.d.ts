/** What scripts in JavaScript and TypeScript find (see README.md). */
declare module 'sluice/script' {
  /** Headers or properties. Names of headers compare without case. */
  export interface Values extends Iterable<[name: string, value: unknown]> {
    /** `null` where there is none. */
    get(name: string): unknown
    set(name: string, value: unknown): this
    has(name: string): boolean
    delete(name: string): boolean
    clear(): void
    size(): number
    keys(): string[]
    entries(): [name: string, value: unknown][]
    forEach(use: (value: unknown, name: string) => void): void
    put(name: string, value: unknown): unknown
    containsKey(name: string): boolean
    remove(name: string): unknown
  }

  export interface Attachment {
    readonly name: string
    readonly contentType: string
    readonly headers: Readonly<Record<string, string>>
    text(): string
    bytes(): Uint8Array
  }

  export type NewAttachment =
    | string
    | Uint8Array
    | {
        readonly content: string | Uint8Array
        readonly contentType?: string
        readonly headers?: Readonly<Record<string, string>>
      }

  export interface Attachments extends Iterable<[name: string, attachment: Attachment]> {
    get(name: string): Attachment | null
    set(name: string, attachment: Attachment | NewAttachment): this
    has(name: string): boolean
    delete(name: string): boolean
    size(): number
    keys(): string[]
  }

  /** The message processing log. */
  export interface MessageLog {
    property(name: string, value: unknown): void
    /** A custom header, by which messages can be found. */
    header(name: string, value: string): void
    attach(name: string, content: string | Uint8Array, mediaType?: string): void
    setStringProperty(name: string, value: string): void
    addCustomHeaderProperty(name: string, value: string): void
    addAttachmentAsString(name: string, text: string, mediaType: string): void
  }

  export interface ValueMappingKey {
    readonly agency: string
    readonly schema: string
  }

  export interface HttpRequest {
    /** GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS or TRACE; without one it is GET, or POST with a body. */
    readonly method?: string
    /** `http:` or `https:`. Write the host as a literal, so that it stands in the capabilities of the flow. */
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    /** Text, bytes, or an object, which becomes JSON; up to 16 MiB. */
    readonly body?: unknown
    /** Within the same protocol; `true` where nothing is said. */
    readonly followRedirects?: boolean
    /** Milliseconds until the connection stands, and to wait for the answer or its next part. */
    readonly connectTimeout?: number
    readonly readTimeout?: number
  }

  export interface HttpAnswer {
    readonly status: number
    readonly statusText: string
    /** True for 200 to 299. */
    readonly ok: boolean
    /** Where redirects have led to. */
    readonly url: string
    /** Names in lower case; several values of a name are joined by `, `. */
    readonly headers: Readonly<Record<string, string>>
    text(charset?: string): string
    bytes(): Uint8Array
    json<T = unknown>(): T
  }

  /** What the tenant lends; each read of a secret needs a grant of its alias to the flow. */
  export interface Services {
    readonly secureStore: {
      getUserCredential(alias: string): {
        readonly user: string
        readonly password: string
        readonly properties: Readonly<Record<string, string>>
      }
    }
    readonly keystore: {
      /** PKCS#8 in DER; `null` where there is none. */
      getKey(alias: string): { readonly algorithm: string; readonly pkcs8: Uint8Array } | null
      /** X.509 in DER, leaf first. */
      getCertificateChain(alias: string): readonly Uint8Array[]
    }
    /** The network; each host needs to stand in the capabilities of the flow (see network.md). */
    readonly http: {
      /** Waits for the answer, whatever its status. Throws where there is none. */
      request(request: HttpRequest): HttpAnswer
    }
    readonly valueMapping: {
      getMappedValue(source: ValueMappingKey & { readonly value: string }, target: ValueMappingKey): string | null
    }
  }

  export interface Message {
    readonly id: string
    /** Text where the body is text, else its bytes. Objects that are set become JSON. */
    get body(): string | Uint8Array
    set body(value: unknown)
    text(): string
    bytes(): Uint8Array
    json<T = unknown>(): T
    readonly headers: Values
    readonly properties: Values
    readonly attachments: Attachments
    /** `null` when the flow writes no log. */
    readonly log: MessageLog | null
    readonly services: Services

    getBody(type?: unknown): unknown
    setBody(value: unknown): void
    getBodySize(): number
    getHeaders(): Values
    setHeaders(values: Iterable<[string, unknown]> | Record<string, unknown>): void
    getHeader(name: string, type?: unknown): unknown
    setHeader(name: string, value: unknown): void
    getProperties(): Values
    setProperties(values: Iterable<[string, unknown]> | Record<string, unknown>): void
    getProperty(name: string): unknown
    setProperty(name: string, value: unknown): void
    getAttachments(): Attachments
    addAttachmentObject(name: string, attachment: NewAttachment): void
  }
}

declare const console: Record<'log' | 'info' | 'warn' | 'error' | 'debug', (...words: unknown[]) => void>
declare const crypto: { randomUUID(): string }
declare function atob(text: string): string
declare function btoa(text: string): string
declare class TextEncoder {
  encode(text?: string): Uint8Array
}
declare class TextDecoder {
  constructor(encoding?: string)
  decode(content?: Uint8Array | ArrayBuffer): string
}
