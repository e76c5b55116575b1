/* oxlint-disable unicorn/no-new-array, typescript/no-misused-spread, typescript/no-unnecessary-type-conversion, typescript/require-array-sort-compare -- one function with its neighbours, evaluated in QuickJS; `host` reaches the process around it */

/** What scripts of the original find: Java packages with the classes that such scripts use, by their full names. */
const named = (name, made) => Object.assign(made, { javaName: name })

const exception = (name) =>
  named(
    name,
    class extends JavaException {
      constructor(message, cause) {
        super(name, message, cause)
      }
    },
  )

class StringBuilder {
  constructor(text) {
    this.text = typeof text === 'number' ? '' : String(text ?? '')
  }
  get length() {
    return this.text.length
  }
  append(value) {
    this.text += String(value)
    return this
  }
  insert(at, value) {
    this.text = this.text.slice(0, at) + String(value) + this.text.slice(at)
    return this
  }
  deleteCharAt(at) {
    return this.delete(at, at + 1)
  }
  delete(from, to) {
    this.text = this.text.slice(0, from) + this.text.slice(to)
    return this
  }
  reverse() {
    this.text = [...this.text].reverse().join('')
    return this
  }
  setLength(length) {
    this.text = this.text.slice(0, length)
  }
  charAt(at) {
    return this.text.charAt(at)
  }
  indexOf(what) {
    return this.text.indexOf(what)
  }
  substring(from, to) {
    return this.text.substring(from, to)
  }
  toString() {
    return this.text
  }
}

/** A `char[]`: its characters, and as text what they spell. */
function charArray(text) {
  const characters = [...text]
  Object.defineProperties(characters, { isText: { value: true }, toString: { value: () => characters.join('') } })
  return characters
}

function JavaString(value = '', charset = 'utf-8') {
  const text = isBytes(value) ? host('decode', bytesIn(value), charset) : String(value)
  return new.target === undefined ? text : new globalThis.String(text)
}
Object.assign(JavaString, {
  valueOf: (value) => String(value),
  join: (separator, ...items) =>
    (items.length === 1 && typeof items[0] !== 'string' ? [...items[0]] : items).join(separator),
})

const regexOf = (text, flags) => new RegExp(text, `u${flags}`)
const stringMethods = {
  equals: (text, other) => other !== null && other !== undefined && text === String(other),
  equalsIgnoreCase: (text, other) => text.toLowerCase() === String(other).toLowerCase(),
  contains: (text, other) => text.includes(String(other)),
  isEmpty: (text) => text.length === 0,
  getBytes: (text, charset) =>
    new Uint8Array(/latin-?1|8859-1|ascii/i.test(String(charset)) ? host('latin1', text) : host('utf8', text)),
  toCharArray: (text) => charArray(text),
  matches: (text, regex) => regexOf(`^(?:${regex})$`, 's').test(text),
  replaceFirst: (text, regex, by) => text.replace(regexOf(regex, ''), by),
  replaceAll: (text, what, by) => text.replace(what instanceof RegExp ? what : regexOf(what, 'g'), by),
  compareTo: (text, other) => (text < String(other) ? -1 : text > String(other) ? 1 : 0),
  getClass: () => classes['java.lang.String'],
}
for (const [name, method] of Object.entries(stringMethods))
  Object.defineProperty(globalThis.String.prototype, name, {
    configurable: true,
    writable: true,
    value(...given) {
      return method(String(this), ...given)
    },
  })
for (const kind of [Number, Boolean])
  for (const [name, method] of Object.entries({
    intValue: Math.trunc,
    longValue: Math.trunc,
    doubleValue: Number,
    booleanValue: Boolean,
  }))
    Object.defineProperty(kind.prototype, name, {
      configurable: true,
      value() {
        return method(this.valueOf())
      },
    })

const wrapper = (read) => Object.assign((value) => read(value), { valueOf: read, toString: (value) => String(value) })
const integer = (text) => {
  if (!/^[+-]?\d+$/.test(String(text)))
    throw new JavaException('java.lang.NumberFormatException', `For input string: "${text}"`)
  return Number(text)
}
const denied = (what) => () => {
  throw new JavaException('java.lang.SecurityException', `Scripts may not use ${what}.`)
}

class UserCredential {
  #credential
  constructor(credential) {
    this.#credential = credential
  }
  getUsername() {
    return this.#credential.get('user')
  }
  getPassword() {
    return charArray(this.#credential.get('password'))
  }
  getCredentialProperties() {
    return this.#credential.get('properties') ?? new JavaMap()
  }
  get username() {
    return this.getUsername()
  }
  get password() {
    return this.getPassword()
  }
  toString() {
    return `UserCredential(${this.getUsername()})`
  }
}

const certificate = (der) => ({ getEncoded: () => der, getType: () => 'X.509' })

/** The services by the names of their classes. */
const apis = {
  'com.sap.it.api.securestore.SecureStoreService': {
    getUserCredential: (alias) => new UserCredential(call('secureStore.getUserCredential', alias)),
  },
  'com.sap.it.api.keystore.KeystoreService': {
    getKey(alias) {
      const key = call('keystore.getKey', alias)
      if (key === null) return null
      return { getAlgorithm: () => key.get('algorithm'), getFormat: () => 'PKCS#8', getEncoded: () => key.get('pkcs8') }
    },
    getCertificateChain: (alias) => [...call('keystore.getCertificateChain', alias)].map(certificate),
    getCertificate: (alias) => [...call('keystore.getCertificateChain', alias)].map(certificate)[0] ?? null,
  },
  'com.sap.it.api.mapping.ValueMappingApi': {
    getMappedValue: (agency, schema, value, targetAgency, targetSchema) =>
      call('valueMapping.getMappedValue', agency, schema, value, targetAgency, targetSchema),
  },
  'com.sap.it.api.pd.PartnerDirectoryService': {
    getParameter: (name, pid) => call('partnerDirectory.getParameter', name, pid),
  },
}

function apiOf(type) {
  const api = apis[typeName(type)]
  if (api === undefined)
    throw new JavaException(
      'com.sap.it.api.exception.InvalidContextException',
      `There is no service ${typeName(type)}.`,
    )
  return api
}

const systemOut = Object.freeze({ println: print, print })
const base64 = {
  getEncoder: () => ({ encodeToString: (bytes) => host('base64', bytesIn(bytes)) }),
  getDecoder: () => ({ decode: (text) => new Uint8Array(host('latin1', host('unbase64', String(text)))) }),
}

const classes = {
  'com.sap.gateway.ip.core.customdev.util.Message': Message,
  'com.sap.it.api.ITApiFactory': { getApi: apiOf, getService: apiOf },
  'com.sap.it.api.msglog.MessageLog': MessageLog,
  'java.lang.Object': Object,
  'java.lang.String': JavaString,
  'java.lang.StringBuilder': StringBuilder,
  'java.lang.StringBuffer': class extends StringBuilder {},
  'java.lang.Integer': Object.assign(wrapper(integer), { parseInt: integer, MAX_VALUE: 2147483647 }),
  'java.lang.Long': Object.assign(wrapper(integer), { parseLong: integer }),
  'java.lang.Double': Object.assign(wrapper(Number), { parseDouble: Number }),
  'java.lang.Boolean': Object.assign(
    wrapper((value) => String(value).toLowerCase() === 'true'),
    { parseBoolean: (value) => String(value).toLowerCase() === 'true', TRUE: true, FALSE: false },
  ),
  'java.lang.Byte': { TYPE: { javaName: 'byte' } },
  'java.lang.Math': Math,
  'java.lang.System': {
    currentTimeMillis: () => Date.now(),
    nanoTime: () => Date.now() * 1e6,
    lineSeparator: () => '\n',
    getProperty: () => null,
    getenv: () => null,
    exit: denied('System.exit'),
    out: systemOut,
    err: systemOut,
  },
  'java.lang.Class': { forName: (name) => (name === '[B' ? { javaName: '[B' } : classOf(name)) },
  'java.lang.reflect.Array': {
    newInstance(type, length) {
      const made = typeName(type) === 'byte' ? new Uint8Array(length) : new Array(length).fill(null)
      return Object.defineProperty(made, 'getClass', {
        value: () => ({ javaName: typeName(type) === 'byte' ? '[B' : 'java.lang.Object' }),
      })
    },
  },
  'java.io.InputStream': class extends JavaInputStream {},
  'java.io.Reader': class extends JavaReader {},
  'java.io.BufferedReader': class extends JavaReader {
    constructor(source) {
      super(source instanceof JavaInputStream ? source.getText() : source.readAll())
    }
  },
  'java.io.InputStreamReader': class extends JavaReader {
    constructor(stream, charset) {
      super(stream.getText(charset))
    }
  },
  'java.util.Date': class extends Date {
    after(other) {
      return this > other
    }
    before(other) {
      return this < other
    }
  },
  'java.util.UUID': { randomUUID: () => host('uuid') },
  'java.util.Base64': base64,
  'java.util.Arrays': {
    asList: (...items) => new ArrayList(items.length === 1 && Array.isArray(items[0]) ? items[0] : items),
  },
  'java.util.TreeMap': class extends JavaMap {
    keys() {
      return super.keys().sort()
    }
    entries() {
      return super.entries().sort(([a], [b]) => (a < b ? -1 : 1))
    }
  },
}
for (const name of ['HashMap', 'LinkedHashMap', 'Map']) classes[`java.util.${name}`] = class extends JavaMap {}
for (const name of ['ArrayList', 'LinkedList', 'List']) classes[`java.util.${name}`] = class extends ArrayList {}
for (const name of ['HashSet', 'LinkedHashSet', 'Set']) classes[`java.util.${name}`] = class extends JavaSet {}
for (const name of ['java.util.Iterator', ...Object.keys(apis)]) classes[name] = {}
for (const name of [
  'java.lang.Exception',
  'java.lang.RuntimeException',
  'java.lang.IllegalArgumentException',
  'java.lang.IllegalStateException',
  'java.lang.UnsupportedOperationException',
])
  classes[name] = exception(name)
for (const [name, made] of Object.entries(classes)) named(name, made)
for (const made of Object.values(classes))
  if (!('getName' in made)) Object.defineProperty(made, 'getName', { value: () => made.javaName })

function classOf(name) {
  if (Object.hasOwn(classes, name)) return classes[name]
  throw new JavaException('java.lang.ClassNotFoundException', `${name} (scripts in JavaScript have no such class)`)
}

/** A package: classes have a capital letter, packages have not. */
function packageOf(path) {
  return new Proxy(() => {}, {
    get(_, name) {
      if (typeof name !== 'string') return undefined
      const inner = path === '' ? name : `${path}.${name}`
      return /^[A-Z]/.test(name) ? classOf(inner) : packageOf(inner)
    },
    apply: () => classOf(path),
    construct: () => classOf(path),
  })
}

const globalNames = ['java', 'javax', 'com', 'org']
globalThis.Packages = packageOf('')
for (const name of globalNames) globalThis[name] = packageOf(name)
globalThis.importClass = (...given) => {
  for (const made of given) {
    const simple = made.javaName.split('.').pop()
    // The language's own keep their names, as a script can hardly do without them.
    if (!['String', 'Object', 'Math', 'Date', 'Boolean', 'Map', 'Set'].includes(simple)) globalThis[simple] = made
  }
}
globalThis.importPackage = () => {
  for (const [name, made] of Object.entries(classes)) if (!name.startsWith('java.lang.')) importClass(made)
}
globalThis.print = print
globalThis.println = print
globalThis.messageLogFactory = { getMessageLog: (message) => message.log }
