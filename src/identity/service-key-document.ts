import { factsOf, readCertificates } from '../keystore/index.ts'
import type { ServiceKey } from './records.ts'

/** Addresses that a client needs besides its credential. */
export interface Addresses {
  /** Of the runtime for plan integration-flow, of the API for plan api. */
  readonly url: string
  readonly tokenUrl: string
  /** `default` when absent. */
  readonly tenant?: string
}

/** A service key with its credential in the clear, as its owner may see it again. */
export interface OpenedKey {
  readonly key: ServiceKey
  readonly secret: string | undefined
  /** PEM, leaf first. */
  readonly certificate: string | undefined
  /** PKCS#8 PEM of a generated certificate. */
  readonly privateKey: string | undefined
}

/**
 * The JSON of a service key. `flat` is today's shape, `oauth` nests it as older instances do, with the time of creation;
 * clients read one or the other. `uaa` is what libraries for BTP take as the binding of an authorization server (there
 * `url` is the server, not what it protects). Roles and grant types are not part of a key.
 */
export function serviceKeyDocument(
  opened: OpenedKey,
  { url, tokenUrl, tenant = 'default' }: Addresses,
  shape: 'flat' | 'oauth',
): Readonly<Record<string, unknown>> {
  const { key, secret, certificate, privateKey } = opened
  const credential = {
    clientid: key.clientId,
    ...(secret !== undefined && { clientsecret: secret }),
    ...(certificate !== undefined && { certificate }),
    ...(privateKey !== undefined && { key: privateKey }),
  }
  const fields = {
    ...credential,
    ...(certificate !== undefined && { certificatedetails: detailsOf(certificate) }),
    tokenurl: tokenUrl,
    url,
  }
  const uaa = { ...credential, ...serverOf(key, tokenUrl, tenant) }
  if (shape === 'flat') return { ...fields, uaa }
  return { oauth: { createdate: new Date(key.createdAt).toISOString(), ...fields }, uaa }
}

function serverOf({ clientId, type }: ServiceKey, tokenUrl: string, tenant: string) {
  const { origin } = new URL(tokenUrl)
  return {
    url: origin,
    certurl: origin,
    uaadomain: origin,
    xsappname: clientId.replace(/^sb-/, ''),
    zoneid: tenant,
    tenantid: tenant,
    tenantmode: 'dedicated',
    'credential-type': type === 'secret' ? 'instance-secret' : 'x509',
  }
}

function detailsOf(chain: string) {
  const [leaf] = readCertificates(chain)
  const facts = leaf && factsOf(leaf)
  return (
    facts && {
      issuerdn: facts.issuer,
      subjectdn: facts.subject,
      validuntil: new Date(facts.validTo).toISOString(),
      serialnumber: `0x${facts.serialNumber}`,
    }
  )
}
