/** The table of calls to a `DoorWorld`: who calls, what, and what must come of it. */
import { type Credential } from './door-call.ts'
import { clientCert, type DoorWorld, sslClientCert } from './door-world.ts'

export interface DoorRow {
  readonly who: string
  readonly at: 'runtime' | 'control'
  readonly path: string
  readonly credential: Credential
  readonly method?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
  /** Of the refusal; '' for a call that is let in. */
  readonly code: string
}

/** Statuses by code, and by the part of it before the point. */
const statuses: Readonly<Record<string, number>> = {
  '': 200,
  certificate: 401,
  identity: 401,
  token: 401,
  proxy: 400,
  network: 403,
  policy: 403,
  plan: 403,
  role: 403,
  csrf: 403,
  route: 404,
  method: 405,
  size: 413,
  rate: 429,
  'transfer.headersTooLarge': 431,
  'transfer.malformed': 400,
  'tls.serverNameMissing': 421,
  tls: 0,
}
export const statusOf = (code: string): number => statuses[code] ?? statuses[code.split('.')[0] ?? ''] ?? -1

const unknown = 'identity.certificateUnknown'
const needed = 'role.certificateNeeded'
const forbidden = 'policy.methodForbidden'
const namesOnly = 'role.namesOnly'

/**
 * What each address says to a certificate of a client, one of a channel, one that is not registered, a secret, a
 * password, and to certificate and secret together.
 */
const doors: Readonly<Record<string, readonly [string, string, string, string, string, string]>> = {
  role: ['', namesOnly, unknown, '', '', ''],
  custom: ['', namesOnly, unknown, '', '', ''],
  'wild/a/b': ['', namesOnly, unknown, '', '', ''],
  other: ['role.missing', namesOnly, unknown, 'role.missing', 'role.missing', 'role.missing'],
  listed: ['', '', unknown, needed, needed, ''],
  names: ['', '', '', needed, needed, ''],
  unlisted: [
    'role.certificateNotListed',
    'role.certificateNotListed',
    unknown,
    needed,
    needed,
    'role.certificateNotListed',
  ],
  unreadable: ['role.undecidable', 'role.undecidable', unknown, needed, needed, 'role.undecidable'],
  network: [
    ...Array<string>(2).fill('network.addressForbidden'),
    unknown,
    ...Array<string>(3).fill('network.addressForbidden'),
  ] as never,
  certificate: ['', namesOnly, unknown, forbidden, forbidden, ''],
  secret: [forbidden, forbidden, unknown, '', forbidden, ''],
  password: [forbidden, forbidden, unknown, forbidden, '', forbidden],
  both: ['policy.methodMissing', 'policy.methodMissing', unknown, 'policy.methodMissing', 'policy.methodMissing', ''],
  csrf: ['csrf.tokenInvalid', namesOnly, unknown, 'csrf.tokenInvalid', 'csrf.tokenInvalid', 'csrf.tokenInvalid'],
  small: ['size.bodyTooLarge', namesOnly, unknown, 'size.bodyTooLarge', 'size.bodyTooLarge', 'size.bodyTooLarge'],
  nothing: ['route.unknown', 'route.unknown', unknown, 'route.unknown', 'route.unknown', 'route.unknown'],
}

const columns: Readonly<Record<string, number>> = {
  'channel certificate': 1,
  'names only': 2,
  secret: 3,
  'proxy, secret': 3,
  password: 4,
  'certificate and secret': 5,
}

const large = 'x'.repeat(1_200_000)

/** Everybody who is known, at every address. */
export const goodRows = ({ good }: DoorWorld): readonly DoorRow[] =>
  Object.entries(doors).flatMap(([door, codes]) =>
    Object.entries(good).map(([who, credential]) => ({
      who,
      at: 'runtime' as const,
      path: `/http/m/${door}`,
      credential,
      code: codes[columns[who] ?? 0] ?? '?',
      ...(door === 'small' && { body: large }),
    })),
  )

/** What is said to whoever is not accepted: by role, by certificate, and where names are enough. */
const refusals: Readonly<Record<string, string | readonly [string, string, string]>> = {
  nobody: 'identity.credentialMissing',
  expired: 'certificate.expired',
  'expired since its registration': 'certificate.expired',
  'not yet valid': 'certificate.notYetValid',
  'for servers only': 'certificate.notForClients',
  'of an unknown CA': 'certificate.issuerMissing',
  'of an unknown CA that is sent': 'certificate.untrusted',
  'self-signed, not pinned': 'certificate.selfSigned',
  'self-signed, pin removed': 'certificate.selfSigned',
  'without its intermediate': 'certificate.issuerMissing',
  'with a weak key': 'certificate.weakKey',
  'of another CA with the same name': 'certificate.signatureInvalid',
  revoked: 'certificate.revoked',
  superseded: 'certificate.superseded',
  'superseded, never used': 'certificate.superseded',
  unregistered: [unknown, unknown, ''],
  'of a deleted key': unknown,
  'registered for later': 'certificate.notYetRegistered',
  'registered until before': 'certificate.noLongerRegistered',
  'of a locked user': 'identity.userLocked',
  'without the role': ['role.missing', 'role.certificateNotListed', 'role.certificateNotListed'],
  'secret wrong': 'identity.secretWrong',
  'secret of a deleted key': 'identity.secretWrong',
  'secret that was rotated away': 'identity.secretWrong',
  'client unknown': 'identity.secretWrong',
  'id and secret swapped': 'identity.secretWrong',
  'secret without the role': ['role.missing', needed, needed],
  'user unknown': 'identity.secretWrong',
  'password wrong': 'identity.passwordWrong',
  'password of a locked user': 'identity.userLocked',
  'user without a password': 'identity.passwordMissing',
  'password without the role': ['role.missing', needed, needed],
  'no base64': 'identity.authorizationMalformed',
  'no colon': 'identity.authorizationMalformed',
  'no scheme': 'identity.authorizationMalformed',
  'another scheme': 'identity.schemeUnsupported',
  'secret as scheme': 'identity.schemeUnsupported',
  'a bearer token': 'token.malformed',
  'Authorization twice': 'identity.authorizationMalformed',
  'certificate of one, secret of another': 'identity.contradictory',
  'right certificate, wrong secret': 'identity.secretWrong',
  'wrong certificate, right secret': 'certificate.selfSigned',
  'unregistered certificate, right secret': [unknown, unknown, 'identity.contradictory'],
  'forged Client-Cert': 'identity.credentialMissing',
  'forged SSL_CLIENT_CERT': 'identity.credentialMissing',
  'forged by a client without rights': [unknown, unknown, ''],
  'a proxy alone': 'identity.proxyAlone',
  'a proxy that passes on itself': 'identity.proxyAlone',
  'a proxy that passes on nonsense': 'proxy.certificateMalformed',
  'a proxy that passes on two': 'proxy.certificateMalformed',
  'a proxy that says no address': 'proxy.addressMalformed',
  'API secret': 'plan.mismatch',
  'API certificate, generated': 'plan.mismatch',
  'API certificate, own': 'plan.mismatch',
  'API user': ['role.missing', needed, needed],
  'API user by certificate': ['role.missing', 'role.certificateNotListed', 'role.certificateNotListed'],
}

const codeAt = (who: string, column: number): string => {
  const given = refusals[who] ?? '?'
  return typeof given === 'string' ? given : (given[column] ?? '?')
}

/** Everybody who is not let in, at three kinds of address. */
export const badRows = ({ bad }: DoorWorld): readonly DoorRow[] =>
  ['role', 'listed', 'names'].flatMap((door, column) =>
    Object.entries(bad).map(([who, credential]) => ({
      who,
      at: 'runtime' as const,
      path: `/http/m/${door}`,
      credential,
      code: codeAt(who, column),
    })),
  )

/** Certificates that are not accepted, passed on by a trusted proxy: it vouches for the handshake, not for them. */
export const proxiedRows = ({ bad, proxy }: DoorWorld): readonly DoorRow[] =>
  Object.entries(bad)
    .filter(([, { cert, basic, headers }]) => cert !== undefined && cert !== proxy.cert && !basic && !headers)
    .flatMap(([who, { cert = '' }]) =>
      [clientCert(cert), sslClientCert(cert)].map((header) => ({
        who: `${who}, by proxy ${header[0]}`,
        at: 'runtime' as const,
        path: '/http/m/role',
        credential: { ...proxy, headers: [header] },
        // Only the leaf is passed on.
        code: who === 'of an unknown CA that is sent' ? 'certificate.issuerMissing' : codeAt(who, 0),
      })),
    )

/** Ways to write a path that shall lead where the plain one leads, or nowhere. */
const paths: readonly (readonly [path: string, code: string])[] = [
  ['/HTTP/M/ROLE', ''],
  ['/http/m/r%6fle', ''],
  ['/http/m/role/', ''],
  ['/http/m/role?x=/../..', ''],
  ['https://elsewhere.example/http/m/role', ''],
  ['/http/m//role', 'route.unknown'],
  ['//http/m/role', 'route.unknown'],
  ['/http//m/role', 'route.unknown'],
  ['/http/m/./role', 'route.unknown'],
  ['/http/m/%2e/role', 'route.unknown'],
  ['/http/m/x/../role', 'route.unknown'],
  ['/http/m/x/%2E%2e/role', 'route.unknown'],
  ['/http/m%2frole', 'route.unknown'],
  ['/http/m/wild/..%2frole', 'route.unknown'],
  ['/http/m/wild/..%5crole', 'route.unknown'],
  ['/http/m/wild%2fa', 'route.unknown'],
  ['/http/m\\role', 'route.unknown'],
  ['/http/m/role;x=1', 'route.unknown'],
  ['/http/m/role%00', 'route.unknown'],
  ['/http/m/role%', 'route.unknown'],
  ['/http/m/role%20', 'route.unknown'],
  ['/http/m/%c0%ae/role', 'route.unknown'],
  ['/', 'route.unknown'],
  ['*', 'route.unknown'],
  // What holds for an address holds for all its spellings.
  ['/HTTP/M/Network', 'network.addressForbidden'],
  ['/http/m/%6eetwork', 'network.addressForbidden'],
  ['/http/m/network/', 'network.addressForbidden'],
  ['/http/m/BOTH/', 'policy.methodMissing'],
  ['/http/m/b%6fth', 'policy.methodMissing'],
  ['/http/m/Other', 'role.missing'],
]

const methods = {
  GET: '',
  PUT: '',
  PATCH: '',
  DELETE: '',
  OPTIONS: '',
  TRACE: 'method.forbidden',
  PROPFIND: 'method.forbidden',
  LINK: 'method.forbidden',
}

export function requestRows({ good, bad }: DoorWorld): readonly DoorRow[] {
  const credential = good['pinned, of a CA'] ?? {}
  const known = { who: 'pinned, of a CA', at: 'runtime' as const, credential, path: '/http/m/role' }
  const forged = [
    'SSL-Client-Cert',
    'X-Forwarded-Client-Cert',
    'X-SSL-Client-Cert',
    'X-ARR-ClientCert',
    'SapAuthenticatedUserName',
  ]
  return [
    ...paths.map(([path, code]) => ({ ...known, path, code })),
    // Whoever is not known does not learn which addresses there are.
    ...['/http/m/role', '/http/m/nothing', '/http/m/network', '/', '/http/m/%2e/role'].map((path) => ({
      ...known,
      who: 'unregistered',
      credential: bad['unregistered'] ?? {},
      path: path === '/' ? '/nothing' : path,
      code: unknown,
    })),
    ...Object.entries(methods).map(([method, code]) => ({ ...known, method, code })),
    { ...known, headers: [['X-Long', 'x'.repeat(10_000)]], code: '' },
    { ...known, headers: [['X-Long', 'x'.repeat(40_000)]], code: 'transfer.headersTooLarge' },
    {
      ...known,
      headers: Array.from({ length: 400 }, (_, nth) => [`X-${nth}`, 'x'.repeat(100)] as const),
      code: 'transfer.headersTooLarge',
    },
    {
      ...known,
      who: 'nobody',
      credential: {},
      headers: [['Authorization', `Basic ${'eDp5'.repeat(2500)}`]],
      code: 'identity.secretWrong',
    },
    // Nobody listens to these from whoever is no proxy, and they do no harm.
    ...forged.map((name) => ({ ...known, headers: [[name, 'forged'] as const], code: '' })),
    { ...known, headers: [clientCert(bad['unregistered']?.cert ?? '')], code: '' },
    {
      ...known,
      headers: [['X-Forwarded-For', '192.0.2.7']],
      path: '/http/m/network',
      code: 'network.addressForbidden',
    },
    // A proxy is believed.
    {
      ...known,
      who: 'proxy, RFC 9440',
      credential: good['proxy, RFC 9440'] ?? {},
      headers: [['X-Forwarded-For', '192.0.2.7']],
      path: '/http/m/network',
      code: '',
    },
    {
      ...known,
      who: 'proxy, RFC 9440',
      credential: good['proxy, RFC 9440'] ?? {},
      headers: [['X-Forwarded-For', '192.0.2.7, 198.51.100.1']],
      path: '/http/m/network',
      code: 'network.addressForbidden',
    },
    { ...known, path: '/http/m/csrf', method: 'GET', code: '' },
    { ...known, path: '/http/m/csrf', headers: [['X-CSRF-Token', 'forged']], code: 'csrf.tokenInvalid' },
  ]
}

const apiPaths = ['/api/v1/IntegrationPackages', '/v3/service_instances']

/** Flow clients and API clients at the management API, of both forms. */
export function apiRows({ good, bad }: DoorWorld): readonly DoorRow[] {
  const lets = [
    'API secret',
    'API certificate, generated',
    'API certificate, own',
    'API user',
    'API user by certificate',
  ]
  const codeOf = (who: string): string => {
    if (lets.includes(who)) return ''
    if (['without the role', 'secret without the role'].includes(who)) return 'plan.mismatch'
    return codeAt(who, 0)
  }
  // A user without roles of the API is let in, and refused by the API set by set.
  const left = (who: string) => who !== 'password without the role'
  const users = ['password', 'mapped to a user']
  const channels: Readonly<Record<string, string>> = { 'channel certificate': namesOnly, 'names only': unknown }
  return apiPaths.flatMap((path) =>
    [
      ...Object.entries(bad)
        .filter(([who]) => left(who))
        .map(([who, credential]) => ({ who, credential, code: codeOf(who) })),
      ...Object.entries(good)
        .filter(([who]) => !users.includes(who))
        .map(([who, credential]) => ({ who, credential, code: channels[who] ?? 'plan.mismatch' })),
    ].map((row) => ({ ...row, at: 'control' as const, path, method: 'GET' })),
  )
}
