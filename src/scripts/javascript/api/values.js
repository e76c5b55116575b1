/* oxlint-disable no-unused-vars, unicorn/no-instanceof-builtins -- one function with its neighbours, evaluated in QuickJS; `host` reaches the process around it */

/** A value of a Java type that has no equal here, such as a BigDecimal. */
class JavaValue {
  constructor(type, text) {
    this.type = type
    this.text = text
    Object.freeze(this)
  }
  toString() {
    return this.text
  }
  valueOf() {
    const number = Number(this.text)
    return Number.isNaN(number) ? this.text : number
  }
  toJSON() {
    return this.text
  }
}

/** An entry of a Java map. */
class Entry {
  constructor(map, key) {
    this.map = map
    this.key = key
  }
  get value() {
    return this.map.get(this.key)
  }
  getKey() {
    return this.key
  }
  getValue() {
    return this.value
  }
  setValue(value) {
    return this.map.put(this.key, value)
  }
  toString() {
    return `${this.key}=${this.value}`
  }
}

/** Java's iterator over something that JavaScript can go through. */
class JavaIterator {
  constructor(items) {
    this.items = [...items]
    this.at = 0
  }
  hasNext() {
    return this.at < this.items.length
  }
  next() {
    if (!this.hasNext()) throw new JavaException('java.util.NoSuchElementException', '')
    return this.items[this.at++]
  }
}

/** `java.util.ArrayList`, and an array. */
class ArrayList extends Array {
  constructor(given) {
    super()
    if (given !== undefined && given !== null && typeof given !== 'number') this.push(...given)
  }
  // What Array makes of a list is an array.
  static get [Symbol.species]() {
    return Array
  }
  size() {
    return this.length
  }
  isEmpty() {
    return this.length === 0
  }
  get(index) {
    if (!(index >= 0 && index < this.length))
      throw new JavaException('java.lang.IndexOutOfBoundsException', `Index: ${index}, Size: ${this.length}`)
    return this[index]
  }
  set(index, value) {
    const before = this.get(index)
    this[index] = value
    return before
  }
  add(first, ...more) {
    if (more.length === 0) this.push(first)
    else this.splice(first, 0, more[0])
    return true
  }
  addAll(values) {
    this.push(...values)
    return true
  }
  remove(what) {
    const index = typeof what === 'number' ? what : this.indexOf(what)
    const [gone = null] = index < 0 ? [] : this.splice(index, 1)
    return typeof what === 'number' ? gone : index >= 0
  }
  contains(value) {
    return this.includes(value)
  }
  clear() {
    this.length = 0
  }
  iterator() {
    return new JavaIterator(this)
  }
  toArray() {
    return [...this]
  }
  toString() {
    return `[${this.join(', ')}]`
  }
}

/** `java.util.HashSet` and its kin. */
class JavaSet {
  constructor(given) {
    this.held = new Set(typeof given === 'number' ? [] : (given ?? []))
  }
  add(value) {
    const fresh = !this.held.has(value)
    this.held.add(value)
    return fresh
  }
  addAll(values) {
    for (const value of values) this.held.add(value)
    return true
  }
  remove(value) {
    return this.held.delete(value)
  }
  contains(value) {
    return this.held.has(value)
  }
  has(value) {
    return this.held.has(value)
  }
  size() {
    return this.held.size
  }
  isEmpty() {
    return this.held.size === 0
  }
  clear() {
    this.held.clear()
  }
  iterator() {
    return new JavaIterator(this.held)
  }
  toArray() {
    return [...this.held]
  }
  forEach(use) {
    this.held.forEach((value) => use(value))
  }
  [Symbol.iterator]() {
    return this.held.values()
  }
  toString() {
    return `[${[...this.held].join(', ')}]`
  }
}

/** `java.util.HashMap` with the methods of a JavaScript Map beside those of Java. */
class JavaMap {
  constructor(given) {
    this.held = new Map()
    if (given !== undefined && given !== null && typeof given !== 'number') this.putAll(given)
  }
  keyOf(name) {
    return name instanceof String ? String(name) : name
  }
  /** @returns {any} */
  read(cell) {
    return cell.value
  }
  get(name) {
    const cell = this.held.get(this.keyOf(name))
    return cell === undefined ? null : this.read(cell)
  }
  set(name, value) {
    this.held.set(this.keyOf(name), { name: name instanceof String ? String(name) : name, value })
    return this
  }
  put(name, value) {
    const before = this.get(name)
    this.set(name, value)
    return before
  }
  putAll(values) {
    const pairs = typeof values[Symbol.iterator] === 'function' ? values : Object.entries(values)
    for (const [name, value] of pairs) this.set(name, value)
  }
  putIfAbsent(name, value) {
    return this.has(name) ? this.get(name) : this.put(name, value)
  }
  getOrDefault(name, other) {
    return this.has(name) ? this.get(name) : other
  }
  has(name) {
    return this.held.has(this.keyOf(name))
  }
  containsKey(name) {
    return this.has(name)
  }
  containsValue(value) {
    return this.values().includes(value)
  }
  remove(name) {
    const before = this.get(name)
    this.delete(name)
    return before
  }
  delete(name) {
    return this.held.delete(this.keyOf(name))
  }
  clear() {
    this.held.clear()
  }
  size() {
    return this.held.size
  }
  isEmpty() {
    return this.held.size === 0
  }
  keys() {
    return [...this.held.values()].map(({ name }) => name)
  }
  values() {
    return new ArrayList([...this.held.values()].map((cell) => this.read(cell)))
  }
  entries() {
    return [...this.held.values()].map((cell) => [cell.name, this.read(cell)])
  }
  keySet() {
    return new JavaSet(this.keys())
  }
  entrySet() {
    return new JavaSet(this.keys().map((key) => new Entry(this, key)))
  }
  forEach(use) {
    for (const [name, value] of this.entries()) use(value, name)
  }
  [Symbol.iterator]() {
    return this.entries()[Symbol.iterator]()
  }
  toJSON() {
    return Object.fromEntries(this.entries())
  }
  toString() {
    return `{${this.entries()
      .map(([name, value]) => `${name}=${value}`)
      .join(', ')}}`
  }
}

/** The caller of the flow: its facts cannot be changed. */
class Principal {
  constructor(json) {
    this.json = json
    for (const [name, value] of json[2]) Object.defineProperty(this, name, { enumerable: true, value: factOf(value) })
    Object.freeze(this)
  }
  get(name) {
    return this[name] ?? null
  }
  toString() {
    return this.json[1]
  }
}

function factOf(json) {
  if (!Array.isArray(json)) return json
  if (json[0] === 'l') return Object.freeze(json[1].map(factOf))
  return Object.freeze(Object.fromEntries(json[1].map(([name, value]) => [name, factOf(value)])))
}

/** A Java exception: thrown by the API, or made by a script. */
class JavaException extends Error {
  constructor(className, message, cause) {
    super(message ?? '')
    this.className = className
    this.name = className
    if (cause !== undefined) this.cause = cause
  }
  getMessage() {
    return this.message
  }
  getLocalizedMessage() {
    return this.message
  }
  getCause() {
    return this.cause ?? null
  }
  getClass() {
    return { name: this.className, getName: () => this.className, getSimpleName: () => this.className.split('.').pop() }
  }
  printStackTrace() {
    host('print', `${this}`)
  }
}

/** Makes a value of the typed JSON that the host was handed; `base` is where the parts of its frame begin. */
function decode(json, base = 0) {
  if (!Array.isArray(json)) return json
  const [form, first, second] = json
  switch (form) {
    case 's':
      return host('text', base + first)
    case 'b':
      return new Uint8Array(host('bytes', base + first))
    case 't':
      return new Date(first)
    case 'v':
      return numberOf(first, second)
    case 'l':
      return new ArrayList(first.map((item) => decode(item, base)))
    case 'm':
      return new JavaMap(first.map(([key, item]) => [key, decode(item, base)]))
    case 'x':
      return Object.assign(new JavaException(first.className, first.message), { response: first.response ?? null })
    case 'p':
      return new Principal(json)
    default:
      throw new Error(`a value of the unknown form '${form}'`)
  }
}

function numberOf(type, text) {
  if (type === 'java.lang.Double' || type === 'java.lang.Float') return Number(text)
  if (type !== 'java.lang.Long' && type !== 'java.math.BigInteger') return new JavaValue(type, text)
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

const bytesIn = (value) =>
  value instanceof ArrayBuffer ? value : value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)

const isBytes = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)

/** The typed JSON of a value; bytes and long texts are put beside it. */
function encode(value, put = (content) => host('put', content)) {
  switch (typeof value) {
    case 'string':
      return value.length <= 4096 ? value : ['s', put(value)]
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : ['v', 'java.lang.Double', String(value)]
    case 'bigint':
      return ['v', BigInt.asIntN(64, value) === value ? 'java.lang.Long' : 'java.math.BigInteger', String(value)]
    case 'object':
      return value === null ? null : encodeObject(value, put)
    case 'undefined':
      return null
    default:
      return String(value)
  }
}

function encodeObject(value, put) {
  if (value instanceof String || value instanceof Number || value instanceof Boolean)
    return encode(value.valueOf(), put)
  if (value instanceof JavaValue) return ['v', value.type, value.text]
  if (value instanceof Principal) return value.json
  if (value instanceof Date) return ['t', value.getTime()]
  if (isBytes(value)) return ['b', put(bytesIn(value))]
  const item = (one) => encode(one, put)
  if (value instanceof JavaMap || value instanceof Map)
    return ['m', [...value.entries()].map(([key, one]) => [String(key), item(one)])]
  if (Array.isArray(value) || value instanceof JavaSet || value instanceof Set)
    return value.isText === true ? String(value) : ['l', [...value].map(item)]
  const plain = [Object.prototype, null].includes(Object.getPrototypeOf(value))
  return plain ? ['m', Object.entries(value).map(([key, one]) => [key, item(one)])] : encode(String(value), put)
}
