import { X509Certificate } from 'node:crypto'

import { type ZippedFile, writeZip } from '../formats/index.ts'
import { type Addresses, type OpenedKey, type ServiceInstance, serviceKeyDocument } from '../identity/index.ts'
import { writePkcs12 } from '../keystore/index.ts'
import { callsOf, type KitEndpoint, type Proof } from './calls.ts'
import { faults } from './faults.ts'
import { postmanCollection, postmanEnvironment } from './postman.ts'
import { readme } from './readme.ts'
import { serverFiles } from './server-files.ts'
import { curlScript, netrc, newmanScript } from './shell-scripts.ts'

export interface KitRequest {
  readonly opened: OpenedKey
  readonly instance: ServiceInstance
  readonly addresses: Addresses
  readonly endpoints: readonly KitEndpoint[]
  /** The chain that the server shows at `addresses.url`, PEM, leaf first. */
  readonly server: { readonly chain: string }
  /** Of the PKCS#12 files; it is written nowhere. Needed where the key has a private key. */
  readonly password: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

const secretly = 0o600
const runnable = 0o755

/**
 * The zip for whoever is to call with a service key. Files that hold a secret unpack as readable by their owner alone.
 * @throws kits.passwordMissing, keystore.passwordUnfit
 */
export async function createKit(request: KitRequest): Promise<Buffer> {
  const { opened, instance, addresses, endpoints, server, password, now } = request
  const { key, secret, certificate, privateKey } = opened
  const proof: Proof = secret !== undefined ? 'secret' : privateKey !== undefined ? 'certificate' : 'keyless'
  const name = fileNameOf(key.name)
  const trust = serverFiles(server.chain)
  const calls = callsOf(endpoints, instance.plan)
  const url = addresses.url.replace(/\/+$/, '')
  const validTo = certificate === undefined ? undefined : new X509Certificate(certificate).validToDate.getTime()
  const readmeText = readme({ key, instance, name, url, calls, proof, validTo, server: trust })
  const files: ZippedFile[] = [
    ['README.md', Buffer.from(readmeText)],
    ['service-key.json', json(serviceKeyDocument(opened, addresses, 'flat')), secretly],
    ['service-key-oauth.json', json(serviceKeyDocument(opened, addresses, 'oauth')), secretly],
  ]
  if (secret !== undefined)
    files.push(['netrc', Buffer.from(netrc({ url, user: key.clientId, password: secret })), secretly])
  if (certificate !== undefined) files.push(['client.pem', Buffer.from(certificate)])
  if (certificate !== undefined && privateKey !== undefined) {
    if (password === undefined) throw faults.passwordMissing({ key: key.name })
    const base = { chain: certificate, privateKey, password, friendlyName: key.name }
    const trusted = trust.authority === '' ? [] : [{ certificate: trust.authority, friendlyName: 'server root' }]
    files.push(
      ['client.key', Buffer.from(privateKey), secretly],
      [`${name}.p12`, await writePkcs12(base), secretly],
      [`${name}-keystore.p12`, await writePkcs12({ ...base, trusted }), secretly],
    )
  }
  const title = `${instance.name} ${key.name}`
  files.push(
    ...trust.files.map((each) => [each.path, each.certificate.raw] as const),
    ['server/ca.pem', Buffer.from(trust.authority)],
    ['curl.sh', Buffer.from(curlScript({ url, calls, proof })), runnable],
    ['newman.sh', Buffer.from(newmanScript(proof)), runnable],
    ['postman_collection.json', json(postmanCollection({ name: title, calls, proof }))],
    [
      'postman_environment.json',
      json(postmanEnvironment({ name: title, url, clientId: key.clientId, secret, now })),
      secret === undefined ? 0o644 : secretly,
    ],
  )
  return writeZip(files)
}

const json = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

/** The name of a key as the name of a file, on every system. */
const fileNameOf = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'client'
