import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AuditEnds, Seal, StoredAuditEvent } from './ports.ts'

const keyBytes = 32

/** Signs the log under the first of its keys and checks what any of them signed. */
export interface Signer {
  readonly event: (event: Omit<StoredAuditEvent, 'keyId' | 'hash'>) => StoredAuditEvent
  readonly seal: (name: Seal['name'], seq: number, hash: string) => Seal
  /** False for what another key signed or was changed since. */
  readonly isGenuine: (signed: StoredAuditEvent | Seal) => boolean
  /** False when none of the keys is the one that signed. */
  readonly knows: (signed: { readonly keyId: string }) => boolean
}

const nameOf = (key: Uint8Array): string =>
  createHmac('sha256', key).update('sluice audit key id').digest('hex').slice(0, 16)

// A list in JSON keeps the borders of its parts apart; the first part says what was signed, so that neither can pass
// for the other.
const eventText = (event: Omit<StoredAuditEvent, 'hash'>): string =>
  JSON.stringify([
    'audit event 1',
    event.previousHash,
    event.keyId,
    event.seq,
    event.time,
    event.user,
    event.source,
    event.via,
    event.action,
    event.objectType,
    event.objectId,
    event.times,
    event.details,
  ])

const sealText = ({ name, seq, hash, keyId }: Omit<Seal, 'mac'>): string =>
  JSON.stringify(['audit seal 1', name, seq, hash, keyId])

const mac = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('hex')

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/**
 * Signs with HMAC-SHA-256. The first key signs; the others are those that it followed.
 * @throws RangeError when there is no key or one is not 32 bytes long
 */
export function createSigner(keys: readonly Uint8Array[]): Signer {
  const copies = keys.map((key) => Buffer.from(key))
  const [key] = copies
  if (key === undefined) throw new RangeError('the audit log needs a key')
  const wrong = copies.find(({ length }) => length !== keyBytes)
  if (wrong) throw new RangeError(`a key of the audit log has ${keyBytes} bytes, not ${wrong.length}`)
  const keyId = nameOf(key)
  const byName = new Map(copies.map((copy) => [nameOf(copy), copy]))
  return {
    event: (given) => {
      const event = { ...given, keyId }
      return { ...event, hash: mac(key, eventText(event)) }
    },
    seal: (name, seq, hash) => ({ name, seq, hash, keyId, mac: mac(key, sealText({ name, seq, hash, keyId })) }),
    isGenuine: (signed) => {
      const signedWith = byName.get(signed.keyId)
      if (signedWith === undefined) return false
      return 'mac' in signed
        ? isSame(signed.mac, mac(signedWith, sealText(signed)))
        : isSame(signed.hash, mac(signedWith, eventText(signed)))
    },
    knows: (signed) => byName.has(signed.keyId),
  }
}

/** A place in the log: an event, or the one that went before the first. */
export interface Position {
  readonly seq: number
  readonly hash: string
}

/** Before the first event. */
export const beginning: Position = { seq: 0, hash: '' }

/** After what the anchor says was cut off; the beginning when there is none. An anchor that is not genuine is none. */
export function startOf({ anchor }: AuditEnds, signer: Signer): Position {
  return anchor !== undefined && signer.isGenuine(anchor) ? { seq: anchor.seq - 1, hash: anchor.hash } : beginning
}

/**
 * What is wrong with the end of the log, in words; undefined when nothing is. `seen` is the last event that this
 * process knows to have been there.
 */
export function doubtAbout(ends: AuditEnds, signer: Signer, seen: Position | undefined): string | undefined {
  const { head, last } = ends
  const start = startOf(ends, signer)
  if (head === undefined) {
    if (last !== undefined || ends.anchor !== undefined) return 'the seal of the last event is missing'
    return seen && 'the whole log is gone'
  }
  if (!signer.knows(head)) return 'the last event is sealed under a key that is not known'
  if (!signer.isGenuine(head)) return 'the seal of the last event is forged'
  const end = last ?? start
  if (end.seq < head.seq) return `the log ends at ${end.seq} and not at ${head.seq}: its tail was cut off`
  if (end.seq > head.seq) return `the events after ${head.seq} were not written by Sluice`
  if (end.hash !== head.hash) return 'the last event is not the one that was sealed'
  if (seen === undefined || seen.seq < head.seq) return undefined
  if (seen.seq > head.seq) return `the log was set back from ${seen.seq} to ${head.seq}`
  return seen.hash === head.hash ? undefined : `another event ${seen.seq} was there before`
}

/** Where the next event follows, beyond every number that was ever given out as far as is known. */
export function endOf(ends: AuditEnds, signer: Signer, seen: Position | undefined): Position {
  const { head, last } = ends
  const sealed = head !== undefined && signer.isGenuine(head) ? head : (last ?? startOf(ends, signer))
  return { seq: Math.max(sealed.seq, last?.seq ?? 0, seen?.seq ?? 0), hash: sealed.hash }
}
