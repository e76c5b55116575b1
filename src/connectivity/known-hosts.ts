import { createHash, createHmac } from 'node:crypto'

/** A host key as a server shows it. */
export interface HostKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`, … */
  readonly type: string
  /** The type and the key in base64: how OpenSSH writes it. */
  readonly text: string
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string
}

export function hostKeyOf(blob: Buffer): HostKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0
  const type = blob.subarray(4, 4 + Math.min(length, 100)).toString('latin1')
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')
  return { type, text: `${type} ${blob.toString('base64')}`, fingerprint: `SHA256:${digest}` }
}

export type HostKeyVerdict =
  | { readonly verdict: 'known' | 'unknown' | 'revoked' }
  | { readonly verdict: 'changed'; readonly known: readonly string[] }

interface Line {
  readonly revoked: boolean
  readonly hosts: string
  readonly key: HostKey
}

/** The lines of a `known_hosts` file (sshd(8)) that hold a key; others are left out. */
function linesOf(file: string): readonly Line[] {
  return file.split(/\r?\n/).flatMap((raw) => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) return []
    const [, marker, hosts = '', , base64 = ''] = /^(?:(@\S+)\s+)?(\S+)\s+(\S+)\s+([A-Za-z0-9+/=]+)/.exec(line) ?? []
    // A certificate authority vouches for certificates of hosts, which are not asked for here.
    if (hosts === '' || marker === '@cert-authority') return []
    return [{ revoked: marker === '@revoked', hosts, key: hostKeyOf(Buffer.from(base64, 'base64')) }]
  })
}

/** Types of the keys that are known of a host, so that a server is asked for one of these first. */
export function knownTypes(file: string, host: string, port: number): readonly string[] {
  const lines = linesOf(file).filter(({ hosts, revoked }) => !revoked && matches(hosts, host, port))
  return [...new Set(lines.map(({ key }) => key.type))]
}

/** Compares as the original does: keys of another type do not count. */
export function judgeHostKey(file: string, host: string, port: number, key: HostKey): HostKeyVerdict {
  const lines = linesOf(file).filter(({ hosts, key: known }) => known.type === key.type && matches(hosts, host, port))
  if (lines.some(({ revoked, key: known }) => revoked && known.text === key.text)) return { verdict: 'revoked' }
  const known = lines.filter(({ revoked }) => !revoked).map((line) => line.key)
  if (known.some(({ text }) => text === key.text)) return { verdict: 'known' }
  if (known.length === 0) return { verdict: 'unknown' }
  return { verdict: 'changed', known: known.map(({ fingerprint }) => fingerprint) }
}

function matches(hosts: string, host: string, port: number): boolean {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts)
  if (hashed !== null) {
    const [, salt = '', digest = ''] = hashed
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === digest
  }
  const patterns = hosts.toLowerCase().split(',')
  const fits = (pattern: string): boolean => fitsPattern(pattern, name)
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern))
}

/** `*` stands for any characters, `?` for one. Goes back to the last star only: no pattern takes long. */
function fitsPattern(pattern: string, name: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let index = 0
  while (index < name.length) {
    if (pattern[at] === '*') {
      star = at++
      resume = index
    } else if (pattern[at] === '?' || pattern[at] === name[index]) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else return false
  }
  return /^\**$/.test(pattern.slice(at))
}
