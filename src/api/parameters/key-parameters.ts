import { X509Certificate } from 'node:crypto'

import type { KeyRequest } from '../../identity/contracts.ts'
import type { RegisteredCertificate, ServiceKey } from '../../identity/records.ts'
import { faults } from '../faults.ts'
import { present } from '../row-values.ts'
import type { Json } from './read-json.ts'
import { asFlag, asNumber, asText, readMembers } from './read-members.ts'

// `pin-certificate`, `client-id` and `client-secret` are names of ours: the original gives these by form or not at all.
const readers = {
  'key-type': asText,
  validity: asNumber,
  'key-length': asNumber,
  'X.509': asText,
  'pin-certificate': asFlag,
  'client-id': asText,
  'client-secret': asText,
}

type Given = ReturnType<typeof readMembers<typeof readers>>

/** What each type of key takes. What comes with a certificate of the client's own but says nothing of it is ignored. */
const taken: Readonly<Record<ServiceKey['type'], readonly string[]>> = {
  secret: ['key-type', 'client-id', 'client-secret'],
  certificate: ['key-type', 'validity', 'key-length'],
  certificate_external: ['key-type', 'X.509', 'pin-certificate', 'validity', 'key-length'],
}

/**
 * The parameters of a service key as the original's clients send them. Without `key-type`, a certificate makes it an
 * external one, and nothing a key with a secret.
 * @throws api.parametersInvalid
 */
export function readKeyParameters(name: string, parameters: Json): KeyRequest {
  const given = readMembers(parameters, readers, 'Parameters')
  const type = given['key-type'] ?? (given['X.509'] === undefined ? 'secret' : 'certificate_external')
  if (!isType(type)) {
    const problem = `'key-type' is '${type}', but must be secret, certificate or certificate_external`
    throw faults.parametersInvalid({ property: 'Parameters', problems: [problem] })
  }
  const problems = Object.keys(given)
    .filter((member) => !taken[type].includes(member))
    .map((member) => `'${member}' does not go with the key-type ${type}`)
  const needsCertificate = type === 'certificate_external' && given['X.509'] === undefined
  if (needsCertificate) problems.push("'X.509' is missing: the certificate as PEM")
  if (problems.length > 0) throw faults.parametersInvalid({ property: 'Parameters', problems })
  return requestOf(name, type, given)
}

const isType = (type: string): type is ServiceKey['type'] => Object.hasOwn(taken, type)

function requestOf(name: string, type: ServiceKey['type'], given: Given): KeyRequest {
  const {
    validity,
    'key-length': keySize,
    'X.509': certificate = '',
    'pin-certificate': pinned,
    'client-id': clientId,
    'client-secret': secret,
  } = given
  if (type === 'certificate_external') return { name, type, certificate, ...(pinned !== undefined && { pinned }) }
  return type === 'secret'
    ? { name, type, ...present({ clientId, secret }) }
    : { name, type, ...present({ validityDays: validity, keySize }) }
}

/** The parameters of a service key, as far as they are known; never its credential. */
export function keyParameters(
  key: ServiceKey,
  newest: RegisteredCertificate | undefined,
): Readonly<Record<string, Json>> {
  if (key.type === 'secret') return { 'key-type': 'secret' }
  if (key.type === 'certificate_external')
    return { 'key-type': key.type, 'X.509': newest?.pem ?? '', 'pin-certificate': key.pinned }
  return { 'key-type': key.type, ...(newest && generatedWith(newest)) }
}

function generatedWith({ pem, validFrom, validTo }: RegisteredCertificate) {
  const { modulusLength } = new X509Certificate(pem).publicKey.asymmetricKeyDetails ?? {}
  const days = Math.round((validTo - validFrom) / 86_400_000)
  return { validity: days, ...(modulusLength !== undefined && { 'key-length': modulusLength }) }
}
