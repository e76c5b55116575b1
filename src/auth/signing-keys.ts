import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, randomBytes, subtle } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import { recordContext, type Sealer } from '../keystore/index.ts'
import { createRecords, type Draft, type RecordStore, type View } from '../records/index.ts'

/** A key pair that signs tokens. It signs from its time on until a newer one does. Milliseconds since 1970. */
interface SigningKeyRecord {
  readonly kid: string
  readonly signsFrom: number
  readonly jwk: JsonWebKey
  /** PKCS#8 in DER. */
  readonly sealedKey: string
}

/** A key for one purpose besides signing. */
interface SecretRecord {
  readonly purpose: string
  readonly sealed: string
}

interface Kinds {
  readonly signingKey: SigningKeyRecord
  readonly secret: SecretRecord
}

/** The keys by which access tokens are signed (ES256), published before they sign and kept until nothing needs them. */
export interface SigningKeys {
  /** Grows when a key came or went. */
  readonly revision: number
  readonly reload: () => Promise<void>
  /** The one that signs now. @throws keystore.sealBroken, RangeError before the first `maintain` */
  readonly current: () => { readonly kid: string; readonly key: KeyObject }
  /** Undefined for what no token may be signed with any more. */
  readonly verificationKey: (kid: string) => KeyObject | undefined
  /** All that verify, and the one to come, as a JWK set (RFC 7517). */
  readonly jwks: () => { readonly keys: readonly JsonWebKey[] }
  /**
   * A new key, which signs an hour from now: whoever has read the set of keys before has time to read it again.
   * `urgent` makes it sign at once and drops all others, so that no token counts any more. The answer is its `kid`.
   */
  readonly rotate: (urgent?: boolean) => Promise<string>
  /** Makes the first key, a new one each 90 days, and drops those that nothing needs. True when it changed something. */
  readonly maintain: () => Promise<boolean>
  /** 32 bytes for cookies and forms. @throws keystore.sealBroken, RangeError before the first `maintain` */
  readonly secret: () => Buffer
}

const hour = 3_600_000
const publishedBefore = hour
const renewedAfter = 90 * 24 * hour
/** The longest token, and a moment for clocks that differ. */
const verifiesAfter = 24 * hour + 300_000
const purpose = 'cookies'

/** Those that verify now or will sign, newest first. */
function living(view: View<Kinds>, now: number): readonly SigningKeyRecord[] {
  const keys = [...view.of('signingKey').values()].sort((a, b) => b.signsFrom - a.signsFrom)
  return keys.filter((_, index) => {
    const successor = keys[index - 1]
    return successor === undefined || now < successor.signsFrom + verifiesAfter
  })
}

/** Loads the keys of a tenant. Only the process that issues tokens calls `maintain`; of several one makes a key. */
export async function createSigningKeys(given: {
  readonly store: RecordStore
  readonly sealer: Sealer
  readonly clock: Clock
}): Promise<SigningKeys> {
  const { store, sealer, clock } = given
  const records = await createRecords<Kinds, ReadonlyMap<string, KeyObject>>({
    store,
    ids: { signingKey: ({ kid }) => kid, secret: (record) => record.purpose },
    indexOf: (view) =>
      new Map([...view.of('signingKey')].map(([kid, { jwk }]) => [kid, createPublicKey({ key: jwk, format: 'jwk' })])),
  })
  let opened: { readonly sealed: string; readonly kid: string; readonly key: KeyObject } | undefined
  let cookies: { readonly sealed: string; readonly key: Buffer } | undefined
  let alive: { readonly at: number; readonly revision: number; readonly keys: readonly SigningKeyRecord[] } | undefined

  /** Looked at once a second: a list is made of few keys, but for each token. */
  function keysNow(): readonly SigningKeyRecord[] {
    const now = clock.now()
    const revision = records.revision()
    if (alive === undefined || alive.revision !== revision || now < alive.at || now >= alive.at + 1000)
      alive = { at: now, revision, keys: living(records.view(), now) }
    return alive.keys
  }

  async function newKey(signsFrom: number): Promise<SigningKeyRecord> {
    const { privateKey, publicKey } = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])
    const { kty, crv, x, y } = await subtle.exportKey('jwk', publicKey)
    const kid = randomBytes(12).toString('base64url')
    const der = Buffer.from(await subtle.exportKey('pkcs8', privateKey))
    const sealedKey = sealer.seal(der, recordContext('authorization', 'signingKey', kid))
    der.fill(0)
    return { kid, signsFrom, jwk: { kty, crv, x, y } as JsonWebKey, sealedKey }
  }

  const newSecret = (): SecretRecord => ({
    purpose,
    sealed: sealer.seal(randomBytes(32), recordContext('authorization', 'secret', purpose)),
  })

  /** Undefined while the newest key is young enough. */
  function nextStart(view: View<Kinds>, now: number): number | undefined {
    const [newest] = living(view, now)
    if (newest === undefined) return now
    return now >= newest.signsFrom + renewedAfter ? now + publishedBefore : undefined
  }

  function prune(draft: Draft<Kinds>, now: number): boolean {
    const kept = new Set(living(draft, now).map(({ kid }) => kid))
    const ended = [...draft.of('signingKey').keys()].filter((kid) => !kept.has(kid))
    for (const kid of ended) draft.drop('signingKey', kid)
    return ended.length > 0
  }

  return {
    get revision() {
      return records.revision()
    },
    reload: records.reload,
    current() {
      const now = clock.now()
      const record = keysNow().find(({ signsFrom }) => signsFrom <= now) ?? keysNow().at(-1)
      if (record === undefined) throw new RangeError('there is no key to sign with yet')
      if (opened?.sealed !== record.sealedKey) {
        const der = sealer.open(record.sealedKey, recordContext('authorization', 'signingKey', record.kid))
        const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
        der.fill(0)
        opened = { sealed: record.sealedKey, kid: record.kid, key }
      }
      return opened
    },
    verificationKey: (kid) => (keysNow().some((each) => each.kid === kid) ? records.index().get(kid) : undefined),
    jwks: () => ({ keys: keysNow().map(({ kid, jwk }) => ({ ...jwk, kid, use: 'sig', alg: 'ES256' })) }),
    async rotate(urgent = false) {
      const now = clock.now()
      const key = await newKey(urgent ? now : now + publishedBefore)
      await records.change((draft) => {
        if (urgent) for (const kid of draft.of('signingKey').keys()) draft.drop('signingKey', kid)
        draft.put('signingKey', key)
      })
      return key.kid
    },
    async maintain() {
      await records.reload()
      const now = clock.now()
      const start = nextStart(records.view(), now)
      const key = start === undefined ? undefined : await newKey(start)
      return records.change((draft) => {
        // Another process may have made one meanwhile.
        const wanted = key !== undefined && nextStart(draft, now) !== undefined
        if (wanted) draft.put('signingKey', key)
        const secretless = !draft.of('secret').has(purpose)
        if (secretless) draft.put('secret', newSecret())
        return prune(draft, now) || wanted || secretless
      })
    },
    secret() {
      const record = records.view().of('secret').get(purpose)
      if (record === undefined) throw new RangeError('there is no secret for cookies yet')
      if (cookies?.sealed !== record.sealed)
        cookies = {
          sealed: record.sealed,
          key: sealer.open(record.sealed, recordContext('authorization', 'secret', purpose)),
        }
      return cookies.key
    },
  }
}
