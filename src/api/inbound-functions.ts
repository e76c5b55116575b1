import { type CallBody, type FunctionImport, int32, readBody, type Row, text } from '../odata/index.ts'
import { explainInboundCall } from './explain-inbound-call.ts'
import { faults } from './faults.ts'
import { requireInstanceOf } from './grants.ts'
import { readJson } from './parameters/read-json.ts'
import { asText, readMembers } from './parameters/read-members.ts'
import { roles } from './roles.ts'
import { optionalNumber, optionalText, requireTexts, textOf } from './row-values.ts'
import type { Call, Services } from './services.ts'
import { downloadUserRoles } from './sets/user-roles.ts'

const day = 86_400_000
const pem = 'application/x-pem-file'

/** The function imports of the registry: what no create or update of an entity says. */
export const inboundFunctions = (services: Services): readonly FunctionImport<Call>[] => [
  downloadUserRoles(services),
  explainInboundCall(services),
  rotateServiceKey(services),
  serviceKeyKit(services),
  issueClientCertificate(services),
  signCertificateRequest(services),
]

/** The JSON body of a function, read like that of an entity. @throws odata.bodyInvalid, odata.mediaTypeUnsupported */
const rowOf = (
  { content, contentType }: CallBody,
  name: string,
  properties: Readonly<Record<string, ReturnType<typeof text>>>,
): Row => readBody(content, contentType || undefined, { name, key: [], properties })

/** Whole days of a parameter that stands in the address. @throws api.daysInvalid */
function daysOf(value: string, most: number): number {
  const days = Number(value)
  if (!Number.isInteger(days) || days < 0 || days > most) throw faults.daysInvalid({ value, most })
  return days
}

/** A new credential beside the old one, which counts until the days of overlap are over. */
const rotateServiceKey = ({ identity }: Services): FunctionImport<Call> => ({
  name: 'RotateServiceKey',
  method: 'POST',
  status: 200,
  requires: roles.editInstances,
  parameters: ['Id', 'OverlapDays?'],
  run: async ({ Id = '', OverlapDays = '7' }, call, body) => {
    requireInstanceOf(identity, Id, call)
    const certificate = certificateOf(body)
    const { key, certificate: chain } = await identity.keys.rotate(
      Id,
      { overlap: daysOf(OverlapDays, 365) * day, ...(certificate !== undefined && { certificate }) },
      call.caller.name,
    )
    const answer = { Id: key.id, InstanceId: key.instanceId, Name: key.name, Type: key.type, ClientId: key.clientId }
    return {
      document: { content: JSON.stringify({ ...answer, Certificate: chain ?? null }), contentType: 'application/json' },
    }
  },
})

/** The client's own certificate: as in the parameters of a key, or PEM or DER as they are. */
function certificateOf({ content }: CallBody): string | Uint8Array | undefined {
  if (content.length === 0) return undefined
  if (!/^\s*\{/.test(content.toString('latin1', 0, 64))) return content
  return readMembers(readJson(content.toString('utf8'), 'body'), { 'X.509': asText }, 'body')['X.509']
}

const serviceKeyKit = ({ kit, identity, addresses }: Services): FunctionImport<Call> => ({
  name: 'ServiceKeyKit',
  method: 'POST',
  status: 200,
  requires: roles.readServiceKeys,
  parameters: [],
  run: async (_, call, body) => {
    const given = rowOf(body, 'ServiceKeyKit', { Id: text(64), Password: text(1024) })
    requireTexts(given, ['Id'])
    const keyId = textOf(given, 'Id')
    requireInstanceOf(identity, keyId, call)
    const content = await kit({ keyId, password: optionalText(given, 'Password'), addresses })
    const name = identity.keys.find(keyId)?.name ?? keyId
    return { document: { content, contentType: 'application/zip', fileName: `${name}.zip` } }
  },
})

/** The private key and then the chain, as `curl --cert` takes them from one file. The key is kept nowhere. */
const issueClientCertificate = ({ ca }: Services): FunctionImport<Call> => ({
  name: 'IssueClientCertificate',
  method: 'POST',
  status: 200,
  requires: roles.editSecurityMaterial,
  parameters: [],
  run: async (_, _call, body) => {
    const given = rowOf(body, 'IssueClientCertificate', { CommonName: text(64), Days: int32, KeySize: int32 })
    requireTexts(given, ['CommonName'])
    const { chain, key } = await ca.issueClient({
      commonName: textOf(given, 'CommonName'),
      days: validity(optionalNumber(given, 'Days') ?? 365),
      keySize: keySizeOf(optionalNumber(given, 'KeySize') ?? 2048),
    })
    return { document: { content: key + chain, contentType: pem, fileName: 'client.pem' } }
  },
})

const signCertificateRequest = ({ ca }: Services): FunctionImport<Call> => ({
  name: 'SignCertificateRequest',
  method: 'POST',
  status: 200,
  requires: roles.editSecurityMaterial,
  parameters: ['Days?'],
  run: async ({ Days = '365' }, _, { content }) => {
    const chain = await ca.signRequest(content, { days: validity(daysOf(Days, 365)) })
    return { document: { content: chain, contentType: pem, fileName: 'client.pem' } }
  },
})

function validity(days: number): number {
  if (days < 1 || days > 365) throw faults.certificateRequestInvalid({ why: 'Days must be 1 to 365' })
  return days
}

function keySizeOf(bits: number): 2048 | 3072 | 4096 {
  if (bits === 2048 || bits === 3072 || bits === 4096) return bits
  throw faults.certificateRequestInvalid({ why: 'KeySize must be 2048, 3072 or 4096' })
}
