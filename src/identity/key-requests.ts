import type { KeyRequest } from './contracts.ts'
import { nameProblems } from './names.ts'
import type { ServiceInstance } from './records.ts'

/** Grants for which a client proves who it is: each needs a key. */
const authenticated: ReadonlySet<string> = new Set([
  'client_credentials',
  'authorization_code',
  'password',
  ...['saml2-bearer', 'jwt-bearer', 'token-exchange'].map((grant) => `urn:ietf:params:oauth:grant-type:${grant}`),
])

/** What is wrong with the request for a service key of an instance. */
export function keyRequestProblems(request: KeyRequest, instance: ServiceInstance): readonly string[] {
  const { name, type } = request
  return [
    ...nameProblems(name, 32),
    ...(['secret', 'certificate', 'certificate_external'].includes(type) ? [] : [`key-type '${type}' is not known`]),
    ...(instance.grantTypes.some((grant) => authenticated.has(grant))
      ? []
      : [
          'the service instance lacks the grant type client_credentials, or another for which a client proves who it is',
        ]),
    ...(type === 'secret' ? secretProblems(request) : []),
    ...(type === 'certificate' ? issueProblems(request) : []),
    ...(type === 'certificate_external' ? externalProblems(request, instance) : []),
  ]
}

type Of<Type> = Extract<KeyRequest, { readonly type: Type }>

const secretProblems = ({ clientId, secret }: Of<'secret'>): readonly string[] => [
  ...(secret === undefined || (typeof secret === 'string' && secret.length >= 32 && secret.length <= 1000)
    ? []
    : ['secret needs 32 to 1000 characters']),
  ...(clientId === undefined || (typeof clientId === 'string' && /^[\w!.@-]{1,128}$/.test(clientId))
    ? []
    : ['client-id needs 1 to 128 letters, digits and . _ - ! @']),
]

const issueProblems = ({ validityDays = 365, keySize = 2048 }: Of<'certificate'>): readonly string[] => [
  ...(Number.isInteger(validityDays) && validityDays >= 1 && validityDays <= 365
    ? []
    : ['validity needs 1 to 365 days']),
  ...([2048, 3072, 4096].includes(keySize) ? [] : ['key-length needs 2048, 3072 or 4096 bits']),
]

const externalProblems = (
  { certificate, pinned }: Of<'certificate_external'>,
  { plan }: ServiceInstance,
): readonly string[] => [
  ...(typeof certificate === 'string' || certificate instanceof Uint8Array
    ? []
    : ['X.509: the certificate is missing']),
  ...(pinned === undefined || typeof pinned === 'boolean' ? [] : ['pin-certificate must be true or false']),
  ...(pinned === false && plan === 'api' ? ['pin-certificate cannot be false for the plan api'] : []),
]
