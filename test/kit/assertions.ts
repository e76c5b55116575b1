import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'

import {
  type Asserted,
  type AssertionFailure,
  type Audience,
  createAssertionReader,
  type SamlDraft,
} from '../../src/assertions/index.ts'
import type { IdentityProvider } from '../../src/identity/index.ts'
import { loadX509 } from '../../src/keystore/x509-library.ts'

/** The moment at which the tests of assertions take place. */
export const noon = Date.parse('2026-05-04T12:00:00Z')
export const minute = 60_000

export interface TestSigner {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly certificate: string
}

/** A key with a self-signed certificate, valid from a day before noon. */
export async function newSigner(
  kind: 'rsa' | 'rsa1024' | 'P-256' | 'P-384' | 'P-521' | 'ed25519' = 'rsa',
  { until = noon + 86_400_000 }: { readonly until?: number } = {},
): Promise<TestSigner> {
  const pair = keyPair(kind)
  const x509 = await loadX509()
  // The certificate of a key that Web Crypto does not sign with is issued by one that it does.
  const issuer = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: '01',
    subject: 'CN=idp.example',
    issuer: 'CN=idp.example',
    notBefore: new Date(noon - 86_400_000),
    notAfter: new Date(until),
    publicKey: new x509.PublicKey(pair.publicKey.export({ type: 'spki', format: 'der' })),
    signingKey: issuer.privateKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  })
  return { ...pair, certificate: made.toString('pem') }
}

function keyPair(kind: string): { privateKey: KeyObject; publicKey: KeyObject } {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519')
  if (kind.startsWith('P-')) return generateKeyPairSync('ec', { namedCurve: kind })
  return generateKeyPairSync('rsa', { modulusLength: kind === 'rsa' ? 2048 : 1024 })
}

/** As a stored certificate of an identity provider. */
export const storedCertificate = (
  pem: string,
  window: { readonly from?: number; readonly until?: number } = {},
): IdentityProvider['certificates'][number] => ({
  fingerprint: new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase(),
  pem,
  from: window.from,
  until: window.until,
})

export const testProvider = (given: Partial<IdentityProvider> = {}): IdentityProvider => ({
  id: '00000000-0000-4000-8000-000000000001',
  name: 'Test',
  issuer: 'https://idp.example',
  description: '',
  enabled: true,
  certificates: [],
  jwks: [],
  jwksUri: undefined,
  algorithms: ['RS256', 'ES256'],
  sha1: false,
  userId: { source: 'nameId' },
  audiences: [],
  recipients: [],
  defaultAttributes: {},
  attributes: [],
  defaultGroups: [],
  groupRules: [],
  skew: 60,
  clients: [],
  createdBy: 'test',
  createdAt: noon,
  modifiedBy: 'test',
  modifiedAt: noon,
  ...given,
})

export const testAudience: Audience = {
  audiences: ['https://sluice.example'],
  recipients: ['https://sluice.example/oauth/token'],
  client: ['client-1'],
}

export const testDraft = (given: Partial<SamlDraft> = {}): SamlDraft => ({
  issuer: 'https://idp.example',
  subject: { nameId: 'alice@example.com' },
  audience: 'https://sluice.example',
  recipient: 'https://sluice.example/oauth/token',
  notBefore: noon - minute,
  notOnOrAfter: noon + 5 * minute,
  attributes: { mail: ['alice@example.com'], department: ['sales', 'export'] },
  id: '_a1',
  ...given,
})

/** A reader with one provider at noon, and a memory of what was spent. */
export function testReader(
  provider: IdentityProvider,
  given: {
    readonly now?: number
    readonly fetchKeys?: (provider: IdentityProvider) => Promise<readonly Readonly<Record<string, unknown>>[]>
  } = {},
) {
  const spent = new Set<string>()
  return createAssertionReader({
    providers: { identityProviderOf: (issuer) => (issuer === provider.issuer ? provider : undefined) },
    spent: {
      spend: async (issuer, id) => {
        const key = `${issuer} ${id}`
        const fresh = !spent.has(key)
        spent.add(key)
        return fresh
      },
    },
    clock: { now: () => given.now ?? noon, monotonic: () => 0 },
    ...(given.fetchKeys !== undefined && { fetchKeys: given.fetchKeys }),
  })
}

/** The check that refused it, or the user. */
export const outcomeOf = (answer: Asserted | AssertionFailure): string =>
  'failed' in answer ? answer.check : `user ${answer.user}`
