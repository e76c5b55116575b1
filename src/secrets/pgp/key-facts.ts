import type { Key, SignaturePacket, Subkey } from 'openpgp'

/** What is shown of one key or subkey. */
export interface PgpPartFacts {
  /** 16 hexadecimal digits in upper case. */
  readonly keyId: string
  readonly fingerprint: string
  readonly primary: boolean
  /** `RSA`, `DSA`, `Elgamal`, `ECDSA`, `EdDSA`, `ECDH`, … */
  readonly algorithm: string
  /** In bits; undefined for elliptic curves. */
  readonly strength?: number
  readonly curve?: string
  readonly usage: readonly string[]
  /** Milliseconds since 1970. */
  readonly validFrom: number
  /** Null where it does not expire. */
  readonly validUntil: number | null
  readonly revoked: boolean
}

export interface PgpKeyFacts {
  readonly keyId: string
  readonly fingerprint: string
  readonly primaryUserId: string
  readonly userIds: readonly string[]
  readonly validUntil: number | null
  readonly revoked: boolean
  /** The primary key first. */
  readonly parts: readonly PgpPartFacts[]
}

export type PgpValidity = 'Valid' | 'Critical' | 'Expired' | 'Revoked'

const critical = 14 * 86_400_000

/** `Critical` is what expires within 14 days. */
export function validityOf(
  { validUntil, revoked }: Pick<PgpPartFacts, 'validUntil' | 'revoked'>,
  now: number,
): PgpValidity {
  if (revoked) return 'Revoked'
  if (validUntil === null) return 'Valid'
  if (validUntil <= now) return 'Expired'
  return validUntil - now <= critical ? 'Critical' : 'Valid'
}

const flagNames: readonly (readonly [number, string])[] = [
  [0x01, 'certify'],
  [0x02, 'sign'],
  [0x04, 'encrypt communication'],
  [0x08, 'encrypt storage'],
  [0x20, 'authenticate'],
]

const algorithms: readonly (readonly [RegExp, string])[] = [
  [/^rsa/i, 'RSA'],
  [/^dsa/i, 'DSA'],
  [/^elgamal/i, 'Elgamal'],
  [/^ecdsa/i, 'ECDSA'],
  [/^eddsa|^ed25519|^ed448/i, 'EdDSA'],
  [/^ecdh|^x25519|^x448/i, 'ECDH'],
]

/**
 * Reads what a key says of itself, as far as its own signatures vouch for it; undefined where no user ID or the
 * primary key has a signature that verifies.
 */
export async function factsOf(key: Key): Promise<PgpKeyFacts | undefined> {
  const expiry = await key.getExpirationTime()
  if (expiry === null) return undefined
  const revoked = await key.isRevoked(undefined, undefined, null as unknown as Date)
  const users = key.users.flatMap(({ userID, selfCertifications }) =>
    userID === null ? [] : [{ id: userID.userID, signature: newest(selfCertifications) }],
  )
  const primaryUser = users.find(({ signature }) => signature?.isPrimaryUserID) ?? users[0]
  if (primaryUser === undefined) return undefined
  const subkeys = await Promise.all(key.subkeys.map((subkey) => factsOfSubkey(subkey)))
  const primary = { ...partOf(key, newest(signaturesOf(key)), expiry), primary: true, revoked }
  const { keyId, fingerprint, validUntil } = primary
  return {
    keyId,
    fingerprint,
    primaryUserId: primaryUser.id,
    userIds: users.map(({ id }) => id),
    validUntil,
    revoked,
    parts: [primary, ...subkeys.filter((part) => part !== undefined)],
  }
}

async function factsOfSubkey(subkey: Subkey): Promise<PgpPartFacts | undefined> {
  // No date: what has expired is shown too.
  const always = null as unknown as Date
  const expiry = await subkey.getExpirationTime(always)
  if (expiry === null) return undefined
  const signature = newest(subkey.bindingSignatures)
  if (signature === undefined) return undefined
  return {
    ...partOf(subkey, signature, expiry),
    primary: false,
    revoked: await subkey.isRevoked(signature, undefined as never, always),
  }
}

function partOf(key: Key | Subkey, signature: SignaturePacket | undefined, expiry: Date | number) {
  const { algorithm, bits, curve } = key.getAlgorithmInfo() as { algorithm: string; bits?: number; curve?: string }
  const flags = signature?.keyFlags?.[0] ?? 0
  return {
    keyId: key.getKeyID().toHex().toUpperCase(),
    fingerprint: key.getFingerprint().toUpperCase(),
    algorithm: algorithms.find(([pattern]) => pattern.test(algorithm))?.[1] ?? algorithm,
    ...(bits !== undefined && { strength: bits }),
    ...(curve !== undefined && { curve: curve.replace(/Legacy$/, '') }),
    usage: flagNames.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name),
    validFrom: key.getCreationTime().getTime(),
    validUntil: expiry instanceof Date ? expiry.getTime() : null,
  }
}

const signaturesOf = (key: Key): SignaturePacket[] => key.users.flatMap(({ selfCertifications }) => selfCertifications)

const newest = (signatures: readonly SignaturePacket[]): SignaturePacket | undefined =>
  signatures.toSorted((a, b) => (b.created?.getTime() ?? 0) - (a.created?.getTime() ?? 0))[0]
