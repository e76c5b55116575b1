import { type CertificateFacts, factsOf, readCertificates } from '../keystore/index.ts'
import { faults } from './faults.ts'
import type { Plan, ServiceInstance } from './ports.ts'

/** Parameters of a service instance as a person or a client gives them. */
export interface InstanceRequest {
  readonly name: string
  readonly plan: Plan
  /** Absent for plan integration-flow means `ESBMessaging.send`. */
  readonly roles?: readonly string[]
  readonly grantTypes?: readonly string[]
  readonly redirectUris?: readonly string[]
  /** Seconds, 3600 to 86400. */
  readonly tokenValidity?: number
}

export type InstanceParameters = Pick<
  ServiceInstance,
  'name' | 'plan' | 'roles' | 'grantTypes' | 'redirectUris' | 'tokenValidity'
>

export type KeyRequest =
  | {
      readonly name: string
      readonly type: 'secret'
      /** Drawn when absent. Given for a credential that people type, or that comes from another installation. */
      readonly clientId?: string
      /** At least 32 characters; 256 random bits when absent. */
      readonly secret?: string
    }
  | {
      readonly name: string
      readonly type: 'certificate'
      /** 1 to 365; 365 when absent. */
      readonly validityDays?: number
      /** 2048, 3072 or 4096 bits; 2048 when absent. */
      readonly keySize?: number
    }
  | {
      readonly name: string
      readonly type: 'certificate_external'
      /** PEM or DER; of a chain in any order the leaf is kept. */
      readonly certificate: string | Uint8Array
    }

/** Grant types by every spelling that clients use; `client_x509` is the deprecated name of client_credentials. */
const grants: Readonly<Record<string, string>> = {
  client_credentials: 'client_credentials',
  client_x509: 'client_credentials',
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  password: 'password',
  'urn:ietf:params:oauth:grant-type:saml2-bearer': 'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'urn:ietf:params:oauth:grant-type:jwt-bearer',
}

const nameProblem = (name: string, most: number): readonly string[] =>
  name.trim() === name && name.length >= 1 && name.length <= most && !/\p{Cc}/u.test(name)
    ? []
    : [`name needs 1 to ${most} printable characters without blanks around them`]

/**
 * Reads the parameters of an instance whole, with what stands for the absent ones.
 * @throws identity.instanceInvalid with all problems
 */
export function readInstance(request: InstanceRequest): InstanceParameters {
  const { name, plan } = request
  const roles = request.roles ?? (plan === 'integration-flow' ? ['ESBMessaging.send'] : [])
  const grantTypes = request.grantTypes ?? ['client_credentials']
  const redirectUris = request.redirectUris ?? []
  const tokenValidity = request.tokenValidity ?? (plan === 'api' ? 43_200 : 3600)
  const problems = [
    ...nameProblem(name, 100),
    ...(['integration-flow', 'api'].includes(plan) ? [] : [`plan '${plan}' is neither integration-flow nor api`]),
    ...roles.filter((role) => !/^[A-Za-z0-9_.]{1,128}$/.test(role)).map((role) => `'${role}' is no name of a role`),
    ...(plan === 'api' && roles.length === 0 ? ['roles of the plan api need at least one role'] : []),
    ...grantTypes
      .filter((grant) => !Object.hasOwn(grants, grant))
      .map((grant) => `grant-types has the unknown '${grant}'`),
    ...redirectUris
      .filter((uri) => !isRedirectUri(uri))
      .map((uri) => `redirect-uris has '${uri}', which is no https address`),
    ...(Number.isInteger(tokenValidity) && tokenValidity >= 3600 && tokenValidity <= 86_400
      ? []
      : ['token-validity needs 3600 to 86400 seconds']),
  ]
  if (problems.length > 0) throw faults.instanceInvalid({ problems })
  return {
    name,
    plan,
    roles: [...new Set(roles)],
    grantTypes: [...new Set(grantTypes.map((grant) => grants[grant] ?? grant))],
    redirectUris,
    tokenValidity,
  }
}

function isRedirectUri(text: string): boolean {
  const uri = URL.parse(text)
  const loopback = uri?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(uri.hostname)
  return uri !== null && (uri.protocol === 'https:' || loopback) && uri.hash === ''
}

/** @throws identity.keyInvalid with all problems */
export function checkKeyRequest(request: KeyRequest, instance: ServiceInstance): void {
  const { validityDays = 365, keySize = 2048 } = request.type === 'certificate' ? request : {}
  const problems = [
    ...nameProblem(request.name, 32),
    ...(['secret', 'certificate', 'certificate_external'].includes(request.type)
      ? []
      : [`key-type '${request.type}' is not known`]),
    ...(instance.grantTypes.includes('client_credentials')
      ? []
      : ['the service instance lacks the grant type client_credentials']),
    ...(Number.isInteger(validityDays) && validityDays >= 1 && validityDays <= 365
      ? []
      : ['validity needs 1 to 365 days']),
    ...(request.type === 'secret' && request.secret !== undefined && request.secret.length < 32
      ? ['secret needs at least 32 characters']
      : []),
    ...(request.type === 'secret' && request.clientId !== undefined && !/^[\w!.@-]{1,128}$/.test(request.clientId)
      ? ['client-id needs 1 to 128 letters, digits and . _ - ! @']
      : []),
    ...([2048, 3072, 4096].includes(keySize) ? [] : ['key-length needs 2048, 3072 or 4096 bits']),
  ]
  if (problems.length > 0) throw faults.keyInvalid({ problems })
}

/**
 * The leaf of a client's own certificate, if it can identify a client at all.
 * @throws keystore.certificateUnreadable, identity.certificateUnusable
 */
export function readExternal(
  certificate: string | Uint8Array,
  now: number,
): { readonly facts: CertificateFacts; readonly pem: string } {
  const chain = readCertificates(certificate)
  const leaf = chain.find(({ ca }) => !ca) ?? chain[0]
  if (leaf === undefined) throw faults.certificateUnusable({ subject: '', why: 'there is none' })
  const facts = factsOf(leaf)
  const { subject } = facts
  // Tools mark what they sign themselves as a CA; that is fine for a pinned certificate, an issuing CA is a mistake.
  if (facts.isAuthority && facts.subject !== facts.issuer)
    throw faults.certificateUnusable({ subject, why: 'it is the certificate of a CA' })
  if (facts.validTo <= now) throw faults.certificateUnusable({ subject, why: 'it has expired' })
  if (!facts.forClients)
    throw faults.certificateUnusable({ subject, why: 'it is not issued for client authentication' })
  return { facts, pem: leaf.toString() }
}
