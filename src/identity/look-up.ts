import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import type { Principal } from '../flow/index.ts'
import type { Plan, RegisteredCertificate, ServiceInstance, ServiceKey } from './ports.ts'

/** All that is known in a tenant, at one moment. */
export interface Known {
  readonly instances: readonly ServiceInstance[]
  readonly keys: readonly ServiceKey[]
  readonly certificates: readonly RegisteredCertificate[]
}

/** Who a caller is, and what that allows. */
export interface Identified {
  readonly principal: Principal
  readonly roles: ReadonlySet<string>
  readonly plan: Plan
  readonly keyId: string
  readonly instanceId: string
}

export interface LookUp {
  /** By the SHA-256 of the DER in hex. Validity is the caller's to check: it depends on the moment. */
  readonly byCertificate: (fingerprint: string) => Identified | undefined
  /** Takes the same time whether the client id, the secret or both are wrong. */
  readonly byClientSecret: (clientId: string, secret: string) => Identified | undefined
  /** Whether a key with a secret has this client id. For records only: no caller may learn it. */
  readonly knowsClient: (clientId: string) => boolean
}

interface Secret {
  readonly hash: Buffer
  readonly identified: Identified
}

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest()

/** Stands where there is no secret to compare with; nobody knows what it is the hash of. */
const nobody = randomBytes(32)

/** The index over what is known. What refers to something missing is left out: it identifies nobody. */
export function createLookUp({ instances, keys, certificates }: Known): LookUp {
  const instanceById = new Map(instances.map((instance) => [instance.id, instance]))
  const keyById = new Map(keys.map((key) => [key.id, key]))
  const byFingerprint = new Map<string, Identified>()
  const secretsByClient = new Map<string, Secret[]>()

  for (const certificate of certificates) {
    const key = keyById.get(certificate.keyId)
    const instance = key && instanceById.get(key.instanceId)
    if (key === undefined || instance === undefined) continue
    byFingerprint.set(certificate.fingerprint, identified(instance, key, certificate))
  }
  for (const key of keys) {
    const instance = instanceById.get(key.instanceId)
    if (key.type !== 'secret' || key.secretHash === undefined || instance === undefined) continue
    const hash = Buffer.from(key.secretHash, 'hex')
    if (hash.length !== nobody.length) continue
    const secrets = secretsByClient.get(key.clientId) ?? []
    secrets.push({ hash, identified: identified(instance, key, undefined) })
    secretsByClient.set(key.clientId, secrets)
  }

  return {
    byCertificate: (fingerprint) => byFingerprint.get(fingerprint),
    byClientSecret(clientId, secret) {
      const given = hashOf(secret)
      const candidates = secretsByClient.get(clientId)
      if (candidates === undefined) {
        timingSafeEqual(given, nobody)
        return undefined
      }
      let found: Identified | undefined
      for (const { hash, identified } of candidates) if (timingSafeEqual(given, hash)) found = identified
      return found
    },
    knowsClient: (clientId) => secretsByClient.has(clientId),
  }
}

function identified(
  instance: ServiceInstance,
  key: ServiceKey,
  certificate: RegisteredCertificate | undefined,
): Identified {
  return {
    principal: Object.freeze<Principal>({
      method: certificate === undefined ? 'basic' : 'certificate',
      name: key.clientId,
      clientId: key.clientId,
      certificate: certificate && {
        fingerprint: certificate.fingerprint,
        subject: certificate.subject,
        issuer: certificate.issuer,
      },
      attributes: {},
      groups: [],
    }),
    roles: new Set(instance.roles),
    plan: instance.plan,
    keyId: key.id,
    instanceId: instance.id,
  }
}
