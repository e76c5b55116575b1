/** Searches what a product says and keeps for secrets, in all the forms in which they turn up. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Secrets by name; of a long one that may be folded into lines, several parts. */
export type Secrets = ReadonlyMap<string, Buffer | readonly Buffer[]>

export type Place = readonly [name: string, content: Buffer]

/** As they are, in hex, in base64 at each of its three offsets, in UTF-16, and escaped for JSON, XML and URLs. */
export function formsOf(secret: Buffer): Buffer[] {
  const base64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), secret])
      .toString('base64')
      .replace(/=+$/, '')
    // The first and the last characters depend on what stands beside the secret.
    const inner = text.slice(Math.ceil((offset * 4) / 3), -1)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const hex = secret.toString('hex')
  const utf8 = secret.toString()
  const url = encodeURIComponent(utf8)
  const texts = [
    ...base64,
    hex,
    hex.toUpperCase(),
    JSON.stringify(utf8).slice(1, -1),
    utf8.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
    url,
    url.replaceAll(/%../g, (code) => code.toLowerCase()),
  ]
  // Bytes that are no text are not searched for as one.
  const isText = Buffer.from(utf8).equals(secret)
  const written = isText ? [Buffer.from(utf8, 'utf16le'), ...texts] : texts.slice(0, base64.length + 2)
  return [secret, ...written.map((text) => Buffer.from(text))]
}

interface Needle {
  readonly name: string
  readonly bytes: Buffer
}

const slots = 1 << 20
const slotOf = (word: number): number => Math.imul(word, 0x9e3779b1) >>> 12

/** The places of a secret, as `name in place`. All forms are looked for in one pass: there is much to search. */
export function findSecrets(secrets: Secrets, places: Iterable<Place>): string[] {
  const taken = new Uint8Array(slots)
  const byStart = new Map<number, Needle[]>()
  for (const [name, given] of secrets) {
    for (const bytes of [given].flat().flatMap((one) => formsOf(one as Buffer))) {
      const start = bytes.readInt32BE(0)
      taken[slotOf(start)] = 1
      byStart.set(start, [...(byStart.get(start) ?? []), { name, bytes }])
    }
  }
  return [...places].flatMap(([place, content]) => {
    const found = new Set<string>()
    let word = 0
    for (let at = 0; at < content.length; at++) {
      word = (word << 8) | (content[at] ?? 0)
      if (taken[slotOf(word)] === 0) continue
      for (const { name, bytes } of byStart.get(word) ?? [])
        if (at >= 3 && content.subarray(at - 3, at - 3 + bytes.length).equals(bytes)) found.add(name)
    }
    return [...found].map((name) => `${name} in ${place}`)
  })
}

/** All files below a folder, but those that hold secrets for their owner. */
export const filesBelow = (folder: string, but: RegExp): Place[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !but.test(path))
    .map((path) => [path, readFileSync(join(folder, path))])

/** What others can see of a process, and its open files that are in no folder any more. Linux only. */
export const processPlaces = (pid: number): Place[] => [
  ...['cmdline', 'environ'].map((what): Place => [`${pid}/${what}`, readFileSync(`/proc/${pid}/${what}`)]),
  ...readdirSync(`/proc/${pid}/fd`).flatMap((number): Place[] => {
    const path = `/proc/${pid}/fd/${number}`
    try {
      const deleted = readlinkSync(path).endsWith(' (deleted)') && statSync(path).isFile()
      return deleted ? [[path, readFileSync(path)]] : []
    } catch (error) {
      // It was closed in the meantime.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }),
]

/** The files in which the product keeps secrets for their owner. */
export const ownFiles = /^(?:quickstart\/|master\.key$)/
