import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** One line of a known hosts file (sshd(8)). */
export interface KnownHostLine {
  readonly marker: '' | '@revoked' | '@cert-authority'
  /** Patterns with commas between, or one hashed name. */
  readonly hosts: string
  readonly algorithm: string
  /** Base64. */
  readonly key: string
  readonly comment: string
}

const mostLines = 10_000
const mostCharacters = 5_000_000
const shape = /^(?:(@\S+)\s+)?(\S+)\s+(\S+)\s+(\S+)(?:\s+(.*))?$/
const hashed = /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/
/** The original's own form: a name with its IP address behind a colon. */
const nameWithAddress = /^\[([^\]]+)\]:(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)$/i

/** Reads every line; all that is wrong is named with its line. */
export function readKnownHosts(file: string): {
  readonly lines: readonly KnownHostLine[]
  readonly problems: readonly string[]
} {
  if (file.length > mostCharacters) return { lines: [], problems: ['the file is larger than 5 MB'] }
  const lines = new Map<string, KnownHostLine>()
  const problems: string[] = []
  for (const [index, raw] of file
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const text = raw.trim()
    if (text === '' || text.startsWith('#')) continue
    const read = readLine(text)
    if (typeof read === 'string') problems.push(`line ${index + 1}: ${read}`)
    else lines.set(lineId(read), read)
    if (lines.size + problems.length > mostLines) return { lines: [], problems: [`more than ${mostLines} lines`] }
  }
  return { lines: [...lines.values()], problems: problems.slice(0, 20) }
}

function readLine(text: string): KnownHostLine | string {
  const [, marker = '', hosts = '', algorithm = '', key = '', comment = ''] = shape.exec(text) ?? []
  if (hosts === '') return 'it is not host, algorithm and key'
  if (marker !== '' && marker !== '@revoked' && marker !== '@cert-authority') return 'the marker is unknown'
  if (hosts.startsWith('|') && !hashed.test(hosts)) return 'the hashed host is not of the form |1|salt|hash'
  if (hosts.length > 4096) return 'the host is longer than 4096 characters'
  if (!/^[a-z][a-z0-9@.-]{2,63}$/.test(algorithm)) return 'the algorithm is not one of SSH'
  const blob = Buffer.from(key, 'base64')
  if (blob.length < 20 || blob.toString('base64').replace(/=+$/, '') !== key.replace(/=+$/, ''))
    return 'the key is not base64'
  if (algorithmOf(blob) !== algorithm) return `the key is not of the algorithm ${algorithm}`
  const named = nameWithAddress.exec(hosts)
  return {
    marker,
    hosts: named === null ? hosts : `${named[1]},${named[2]}`,
    algorithm,
    key: blob.toString('base64'),
    comment: comment.slice(0, 500),
  }
}

/** The algorithm that a key says of itself. */
function algorithmOf(blob: Buffer): string {
  const length = blob.readUInt32BE(0)
  return length > 64 ? '' : blob.toString('latin1', 4, 4 + length)
}

/** Names a line in addresses and differences; the comment does not count. */
export const lineId = ({ marker, hosts, key }: KnownHostLine): string =>
  createHash('sha256')
    .update(JSON.stringify([marker, hosts, key]))
    .digest('hex')
    .slice(0, 16)

/** `SHA256:…`, as `ssh-keygen -l` shows it. */
export const fingerprintOf = ({ key }: Pick<KnownHostLine, 'key'>): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`

export const lineText = ({ marker, hosts, algorithm, key, comment }: KnownHostLine): string =>
  [marker, hosts, algorithm, key, comment].filter((part) => part !== '').join(' ')

/** True where a line is about a host at a port; a name without a port stands for port 22. */
export function isAbout({ hosts }: Pick<KnownHostLine, 'hosts'>, host: string, port: number): boolean {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
  // The original's editor writes the port also where it is 22.
  const names = port === 22 ? [name, `[${name}]:22`] : [name]
  const parts = hashed.exec(hosts)
  if (parts !== null) {
    const [, salt = '', digest = ''] = parts
    const wanted = Buffer.from(digest, 'base64')
    return names.some((one) => {
      const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(one).digest()
      return found.length === wanted.length && timingSafeEqual(found, wanted)
    })
  }
  const patterns = hosts.toLowerCase().split(',')
  const fits = (pattern: string): boolean => names.some((one) => matchesGlob(pattern, one))
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern))
}

/** `*` and `?` only, in time proportional to both lengths: a pattern may come from anywhere. */
function matchesGlob(pattern: string, name: string): boolean {
  let at = 0
  let star = -1
  let mark = 0
  for (let index = 0; index < name.length; ) {
    if (pattern[at] === '*') {
      star = at++
      mark = index
    } else if (pattern[at] === '?' || pattern[at] === name[index]) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++mark
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
