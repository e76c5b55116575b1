import { X509Certificate } from 'node:crypto'

import { newSecret, uuid } from '../base/index.ts'
import type { Identity } from './contracts.ts'
import { faults } from './faults.ts'
import { issueClient } from './issue-client.ts'
import { dropKey, hashOf, type KeyParts, keyOf, keysOf, sealCredential } from './key-records.ts'
import { authored } from './names.ts'
import type { ServiceKey } from './records.ts'
import { certificatesOfKey, dropCertificate } from './registration.ts'
import type { Draft, View } from './registry.ts'

type Rotate = Identity['keys']['rotate']
type Request = Parameters<Rotate>[1]

const day = 86_400_000
const longest = 365 * day

/** Gives a key a new credential beside the old one, which ends after the overlap; at once when that is 0. */
export function createRotation(parts: KeyParts): Rotate {
  const { registry, registrar, sealer, clock } = parts

  async function rotateSecret(id: string, { overlap }: Request, author: string) {
    const secret = newSecret()
    const newId = uuid()
    const key = await registry.change((draft) => {
      const old = keyOf(draft, id)
      const now = clock.now()
      const name = nextName(draft, old)
      if (overlap === 0) dropKey(draft, id)
      else draft.put('key', { ...old, until: endOf(old.until, now + overlap), ...authored(author, now, old) })
      return draft.put('key', {
        ...old,
        id: newId,
        name,
        secretHash: hashOf(secret).toString('hex'),
        sealedSecret: sealCredential(sealer, newId, secret),
        until: undefined,
        ...authored(author, now),
      })
    })
    return { key, secret, certificate: undefined, privateKey: undefined }
  }

  async function rotateCertificate(old: ServiceKey, { overlap, certificate: given }: Request, author: string) {
    const { id } = old
    const { certificate, privateKey, candidate } =
      given === undefined ? await reissue(parts, old) : { ...(await external(given)), privateKey: undefined }
    const key = await registry.change((draft) => {
      const present = keyOf(draft, id)
      endCertificates(draft, id, { at: clock.now() + overlap, author, now: clock.now() })
      const sealedSecret = sealCredential(sealer, id, privateKey)
      const key = draft.put('key', { ...present, sealedSecret, ...authored(author, clock.now(), present) })
      registrar.register(draft, candidate, { holder: { kind: 'key', id }, author, pem: certificate })
      return key
    })
    return { key, secret: undefined, certificate, privateKey }
  }

  async function external(given: string | Uint8Array) {
    const candidate = await registrar.prepare(given)
    return { certificate: candidate.pem, candidate }
  }

  return async (id, request, author) => {
    await registry.reload()
    const key = keyOf(registry.view(), id)
    const problems = problemsOf(key, request)
    if (problems.length > 0) throw faults.keyInvalid({ problems })
    return key.type === 'secret' ? rotateSecret(id, request, author) : rotateCertificate(key, request, author)
  }
}

const problemsOf = ({ type }: ServiceKey, { overlap, certificate }: Request): readonly string[] => [
  ...(Number.isInteger(overlap) && overlap >= 0 && overlap <= longest
    ? []
    : ['overlap needs 0 milliseconds to 365 days']),
  ...(type === 'certificate_external' && certificate === undefined ? ['X.509: the new certificate is missing'] : []),
  ...(type !== 'certificate_external' && certificate !== undefined
    ? ['X.509: only keys with an external certificate take one']
    : []),
]

const endOf = (until: number | undefined, end: number): number => Math.min(until ?? end, end)

function endCertificates(
  draft: Draft,
  keyId: string,
  { at, now, author }: { readonly at: number; readonly now: number; readonly author: string },
): void {
  for (const certificate of certificatesOfKey(draft, keyId)) {
    const until = endOf(certificate.until, at)
    if (until <= now || until <= (certificate.from ?? certificate.validFrom))
      dropCertificate(draft, certificate.fingerprint)
    else if (until < certificate.validTo)
      draft.put('certificate', { ...certificate, until, ...authored(author, now, certificate) })
  }
}

/** A certificate as the newest that the key has: as strong, and valid for as long. */
async function reissue({ ca, registry }: KeyParts, { id, clientId, name }: ServiceKey) {
  const newest = certificatesOfKey(registry.view(), id).at(-1)
  const bits = newest && new X509Certificate(newest.pem).publicKey.asymmetricKeyDetails?.modulusLength
  const days = newest === undefined ? 365 : Math.round((newest.validTo - newest.validFrom) / day)
  return issueClient(ca, { clientId, unit: name, days: Math.min(Math.max(days, 1), 365), keySize: bits ?? 2048 })
}

/** The name with the next free number, in 32 characters. */
function nextName(view: View, { name, instanceId }: ServiceKey): string {
  const taken = new Set(keysOf(view, instanceId).map((key) => key.name))
  const stem = name.replace(/-\d+$/, '')
  for (let number = 2; ; number++) {
    const next = `${stem.slice(0, 32 - `-${number}`.length)}-${number}`
    if (!taken.has(next)) return next
  }
}
