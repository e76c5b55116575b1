/* oxlint-disable typescript/no-unnecessary-type-conversion -- one function with its neighbours, evaluated in QuickJS; `host` reaches the process around it */

/** What modern scripts find beside the language. */
const shown = (value) => {
  if (typeof value === 'string') return value
  if (value instanceof Error) return `${value.name}: ${value.message}`
  try {
    return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? String(value)) : String(value)
  } catch {
    return String(value)
  }
}
const print = (...words) => host('print', words.map(shown).join(' '))
globalThis.console = Object.freeze({ log: print, info: print, warn: print, error: print, debug: print })

globalThis.TextEncoder = class TextEncoder {
  encoding = 'utf-8'
  encode(text = '') {
    return new Uint8Array(host('utf8', String(text)))
  }
}
globalThis.TextDecoder = class TextDecoder {
  constructor(encoding = 'utf-8') {
    this.encoding = encoding
  }
  decode(content) {
    return content === undefined ? '' : host('decode', bytesIn(content), this.encoding)
  }
}
globalThis.btoa = (text) => host('base64', host('latin1', String(text)))
globalThis.atob = (text) => host('unbase64', String(text))
// The engine begins every call in the same state, with the same chance.
Math.random = () => host('random')
globalThis.crypto = Object.freeze({ randomUUID: () => host('uuid') })

/** The answer to a request over HTTP. */
class HttpAnswer {
  #content
  constructor(given) {
    this.status = given.get('status')
    this.statusText = given.get('statusText')
    this.ok = this.status >= 200 && this.status < 300
    this.url = given.get('url')
    const names = given.get('headers')
    const headers = {}
    for (let at = 0; at < names.length; at += 2) {
      const [name, value] = [names[at], names[at + 1]]
      headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value
    }
    this.headers = Object.freeze(headers)
    this.#content = given.get('body')
    Object.freeze(this)
  }
  bytes() {
    return new Uint8Array(this.#content)
  }
  text(charset = 'utf-8') {
    return host('decode', bytesIn(this.#content), charset)
  }
  json() {
    return JSON.parse(this.text())
  }
}

function request({ method, url, headers = {}, body, followRedirects = true, connectTimeout = 0, readTimeout = 0 }) {
  const sent = body === undefined || body === null || isBytes(body) ? (body ?? null) : textOf(body)
  const verb = method ?? (sent === null ? 'GET' : 'POST')
  const flat = Object.entries(headers).flatMap(([name, value]) => [name, String(value)])
  return new HttpAnswer(
    call('http.request', verb, String(url), flat, sent, followRedirects, connectTimeout, readTimeout),
  )
}

const services = Object.freeze({
  secureStore: Object.freeze({
    getUserCredential(alias) {
      const { user, password, properties } = Object.fromEntries(call('secureStore.getUserCredential', alias))
      return Object.freeze({ user, password, properties: Object.fromEntries(properties ?? []) })
    },
  }),
  keystore: Object.freeze({
    getKey(alias) {
      const key = call('keystore.getKey', alias)
      return key === null ? null : Object.freeze({ algorithm: key.get('algorithm'), pkcs8: key.get('pkcs8') })
    },
    getCertificateChain: (alias) => [...call('keystore.getCertificateChain', alias)],
  }),
  http: Object.freeze({ request }),
  valueMapping: Object.freeze({
    getMappedValue: (source, target) =>
      call('valueMapping.getMappedValue', source.agency, source.schema, source.value, target.agency, target.schema),
  }),
})

/** What the host calls before and after a script. */
globalThis.__sluice = {
  message: (given) => {
    const message = new Message(JSON.parse(given))
    Object.defineProperty(message, 'services', { enumerable: true, value: services })
    return message
  },
  answer: (result, message) => JSON.stringify(Message.answerOf(result instanceof Message ? result : message)),
}
