/* oxlint-disable no-unused-vars, no-setter-return, unicorn/no-instanceof-builtins, typescript/unbound-method -- one function with its neighbours, evaluated in QuickJS; `host` reaches the process around it */

/** Headers or properties: read when they are asked for, and known to be changed or not. */
class MessageMap extends JavaMap {
  constructor(given) {
    super()
    this.before = new Map()
    for (const [name, json] of given) {
      const cell = { name, json, value: undefined, seen: undefined }
      this.held.set(this.keyOf(name), cell)
      this.before.set(this.keyOf(name), cell)
    }
  }
  keyOf(name) {
    return String(name)
  }
  read(cell) {
    if (cell.json !== undefined) {
      cell.value = decode(cell.json)
      cell.json = undefined
      cell.seen = typeof cell.value === 'object' ? shapeOf(cell.value) : undefined
    }
    return cell.value
  }
  set(name, value) {
    return super.set(String(name), value)
  }
  /** What a script changed, as the flow reads it. */
  changes() {
    const set = []
    const removed = []
    for (const [key, cell] of this.held) {
      const old = this.before.get(key)
      if (cell === old && (cell.json !== undefined || cell.seen === undefined || cell.seen === shapeOf(cell.value)))
        continue
      if (cell.json === undefined && cell.value !== null && cell.value !== undefined)
        set.push([cell.name, encode(cell.value)])
      else if (old !== undefined) removed.push(cell.name)
    }
    for (const [key, { name }] of this.before) if (!this.held.has(key)) removed.push(name)
    return { set, removed }
  }
}

/** Two values of the same shape are equal. */
const shapeOf = (value) =>
  JSON.stringify(encode(value, (part) => (typeof part === 'string' ? part : [...new Uint8Array(part)])))

class HeaderMap extends MessageMap {
  keyOf(name) {
    return String(name).toLowerCase()
  }
}

/** Asks the tenant. */
function call(name, ...given) {
  const answer = JSON.parse(host('call', name, JSON.stringify(given.map((one) => encode(one)))))
  if (answer.error === undefined) return decode(answer.result, answer.base)
  const usual = name === 'http.request' ? 'java.io.IOException' : 'java.lang.IllegalStateException'
  throw new JavaException(exceptions[answer.error.code] ?? usual, answer.error.message)
}

const exceptions = {
  'secrets.credentialUnknown': 'com.sap.it.api.securestore.exception.CredentialNotFoundException',
  'runtime.grantMissing': 'com.sap.it.api.securestore.exception.SecureStoreException',
}

/** The message processing log; one message has one. */
class MessageLog {
  addAttachmentAsString(name, text, mediaType) {
    log('attachment', name, '', mediaType ?? 'text/plain', text ?? '')
  }
  addAttachmentAsBytes(name, content, mediaType) {
    log('attachment', name, '', mediaType ?? 'application/octet-stream', bytesIn(content))
  }
  addCustomHeaderProperty(name, value) {
    log('customHeader', name, value)
  }
  setStringProperty(name, value) {
    log('property', name, value)
  }
  property(name, value) {
    log('property', name, value)
  }
  header(name, value) {
    log('customHeader', name, value)
  }
  attach(name, content, mediaType) {
    if (isBytes(content)) this.addAttachmentAsBytes(name, content, mediaType)
    else this.addAttachmentAsString(name, String(content), mediaType)
  }
}
for (const kind of ['Integer', 'Long', 'Boolean', 'Float', 'Double'])
  MessageLog.prototype[`set${kind}Property`] = MessageLog.prototype.property
MessageLog.prototype.setDateProperty = (name, value) => log('property', name, value?.toISOString())

function log(kind, name, value, mediaType, content) {
  const part = kind === 'attachment' ? host('put', isBytes(content) ? content : String(content)) : -1
  host('log', JSON.stringify({ kind, name: String(name), value: String(value), mediaType: mediaType ?? null, part }))
}

/** An attachment of the message; its content is fetched when it is asked for. */
class Attachment {
  constructor(name, contentType, headers, content) {
    this.name = name
    this.contentType = contentType
    this.headers = headers
    this.content = content
  }
  bytes() {
    if (this.content === undefined) this.content = bytesIn(call('message.attachment', this.name))
    return new Uint8Array(typeof this.content === 'string' ? host('utf8', this.content) : this.content)
  }
  text() {
    return typeof this.content === 'string' ? this.content : host('decode', bytesIn(this.bytes()), 'utf-8')
  }
  getContent() {
    return this.text()
  }
  getContentType() {
    return this.contentType
  }
  getName() {
    return this.name
  }
  toString() {
    return this.text()
  }
}

class Attachments extends JavaMap {
  constructor(given) {
    super()
    for (const { name, contentType, headers } of given)
      super.set(name, new Attachment(name, contentType, headers, undefined))
    this.before = new Map(this)
  }
  set(name, value) {
    return super.set(String(name), value instanceof Attachment ? value : attachmentOf(String(name), value))
  }
  changes() {
    const now = new Map(this)
    const set = [...now].filter(([name, value]) => this.before.get(name) !== value)
    return {
      set: set.map(([name, { contentType, headers, content }]) => ({
        name,
        contentType,
        headers,
        part: host('put', content),
      })),
      removed: [...this.before.keys()].filter((name) => !now.has(name)),
    }
  }
}

function attachmentOf(name, value) {
  if (isBytes(value)) return new Attachment(name, 'application/octet-stream', {}, bytesIn(value))
  const { content, contentType, headers } =
    value !== null && typeof value === 'object' && 'content' in value ? value : { content: value }
  const bytes = isBytes(content)
  const type = contentType ?? (bytes ? 'application/octet-stream' : 'text/plain')
  return new Attachment(name, type, headers ?? {}, bytes ? bytesIn(content) : String(content))
}

/** The message, with the methods of the original and those of today. */
class Message {
  #given
  #content
  #changed = false
  constructor(given) {
    this.#given = given
    Object.defineProperties(this, {
      headers: { enumerable: true, get: () => this.getHeaders(), set: (values) => this.setHeaders(values) },
      properties: { enumerable: true, get: () => this.getProperties(), set: (values) => this.setProperties(values) },
      attachments: { enumerable: true, get: () => this.getAttachments(), set: (values) => this.setAttachments(values) },
      log: { enumerable: true, value: given.log ? new MessageLog() : null },
    })
    this.#maps = {
      headers: new HeaderMap(given.headers),
      properties: new MessageMap(given.properties),
      attachments: new Attachments(given.attachments),
    }
  }
  #maps
  get id() {
    return this.#given.exchange
  }
  get body() {
    return this.getBody()
  }
  set body(value) {
    this.setBody(value)
  }
  /** Text where the body is text, else its bytes. */
  getBody(type) {
    if (!this.#changed && this.#content === undefined) {
      const charset = this.#maps.properties.get('CamelCharsetName')
      const text = host('bodyText', charset === null ? '' : String(charset))
      this.#content = text === undefined ? new Uint8Array(host('body')) : text
    }
    return type === undefined || type === null ? this.#content : convert(this.#content, type)
  }
  setBody(value) {
    this.#changed = true
    this.#content = value instanceof String ? String(value) : streamed(value)
  }
  text() {
    const body = this.getBody()
    return body === null || body === undefined ? '' : isBytes(body) ? host('decode', bytesIn(body), '') : textOf(body)
  }
  bytes() {
    const body = this.getBody()
    if (isBytes(body)) return new Uint8Array(bytesIn(body))
    return new Uint8Array(this.#changed ? host('utf8', this.text()) : host('body'))
  }
  json() {
    return JSON.parse(this.text())
  }
  getBodySize() {
    return this.bytes().length
  }
  getHeaders() {
    return this.#maps.headers
  }
  setHeaders(values) {
    replace(this.#maps.headers, values)
  }
  getHeader(name, type) {
    const value = this.#maps.headers.get(name)
    return value === null || type === undefined ? value : convert(value, type)
  }
  setHeader(name, value) {
    this.#maps.headers.set(name, value)
  }
  getProperties() {
    return this.#maps.properties
  }
  setProperties(values) {
    replace(this.#maps.properties, values)
  }
  getProperty(name) {
    return this.#maps.properties.get(name)
  }
  setProperty(name, value) {
    this.#maps.properties.set(name, value)
  }
  getAttachments() {
    return this.#maps.attachments
  }
  setAttachments(values) {
    replace(this.#maps.attachments, values)
  }
  addAttachmentObject(name, value) {
    this.#maps.attachments.set(name, value)
  }
  /** What changed, as the answer to the host. */
  static answerOf(message) {
    const { headers, properties, attachments } = message.#maps
    const [ofHeaders, ofProperties, ofAttachments] = [headers.changes(), properties.changes(), attachments.changes()]
    return {
      headers: ofHeaders.set,
      headersRemoved: ofHeaders.removed,
      properties: ofProperties.set,
      propertiesRemoved: ofProperties.removed,
      attachments: ofAttachments.set,
      attachmentsRemoved: ofAttachments.removed,
      ...(message.#changed && { body: bodyAnswer(message.#content) }),
    }
  }
}

function bodyAnswer(content) {
  if (content === null || content === undefined || content === '') return { empty: true, part: -1 }
  if (isBytes(content)) return { part: host('put', bytesIn(content)) }
  return { part: host('put', textOf(content)), text: true }
}

/** Objects of JavaScript become JSON, those of Java their text. */
function textOf(value) {
  const plain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(Object(value)))
  if (typeof value === 'object' && plain && !(value instanceof ArrayList) && value.isText !== true)
    return JSON.stringify(value)
  return String(value)
}

const streamed = (value) =>
  value !== null && typeof value === 'object' && 'readAll' in value ? value.readAll() : value

function replace(map, values) {
  if (map === values) return
  const copy = new JavaMap(values)
  map.clear()
  map.putAll(copy)
}

/** What a type is called, given as a class of JavaScript or of Java, or by its name. */
const typeName = (type) => (typeof type === 'string' ? type : (type.javaName ?? type.name ?? String(type)))

function convert(value, type) {
  const text = () => (isBytes(value) ? host('decode', bytesIn(value), '') : textOf(value))
  const bytes = () => new Uint8Array(isBytes(value) ? bytesIn(value) : host('utf8', text()))
  if (value === null || value === undefined) return null
  switch (typeName(type)) {
    case 'java.lang.String':
    case 'String':
      return text()
    case '[B':
    case 'byte[]':
    case 'Uint8Array':
      return bytes()
    case 'java.io.Reader':
      return new JavaReader(text())
    case 'java.io.InputStream':
      return new JavaInputStream(bytes())
    case 'java.lang.Integer':
    case 'java.lang.Long':
    case 'Number':
      return Number(text())
    case 'java.lang.Object':
      return value
    default:
      throw new JavaException('java.lang.ClassCastException', `A body or header cannot be had as ${typeName(type)}.`)
  }
}

class JavaReader {
  constructor(text) {
    this.rest = text
  }
  readLine() {
    if (this.rest === '') return null
    const [line] = /^[^\r\n]*/.exec(this.rest)
    this.rest = this.rest.slice(line.length).replace(/^(?:\r\n|\r|\n)/, '')
    return line
  }
  read() {
    const [character] = this.rest
    if (character === undefined) return -1
    this.rest = this.rest.slice(1)
    return character.charCodeAt(0)
  }
  readAll() {
    const all = this.rest
    this.rest = ''
    return all
  }
  getText() {
    return this.readAll()
  }
  close() {}
}

class JavaInputStream {
  constructor(content) {
    this.content = content
    this.at = 0
  }
  read() {
    return this.at < this.content.length ? this.content[this.at++] : -1
  }
  available() {
    return this.content.length - this.at
  }
  readAll() {
    const all = this.content.slice(this.at)
    this.at = this.content.length
    return all
  }
  readAllBytes() {
    return this.readAll()
  }
  getText(charset) {
    return host('decode', bytesIn(this.readAll()), charset ?? 'utf-8')
  }
  close() {}
}
