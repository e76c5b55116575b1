import type { LentKey, OAuthCredential } from '../../flow/index.ts'
import { bearerProof } from '../bearer.ts'
import { basicOf, keyOf } from '../client-authentication.ts'
import type { Call, Profile } from '../contracts.ts'
import { commonNameOf, makeSaml } from '../signed-assertions.ts'
import { given } from '../token-parameters.ts'
import type { Parameters, TokenRequest } from '../token-service.ts'
import { compileUser } from '../user.ts'
import { compileCredential, wordsOf } from './oauth-credential.ts'

const method = 'OAuth2 SAML Bearer Assertion'
const type = 'OAuth2SamlBearerAssertion'
const grantType = 'urn:ietf:params:oauth:grant-type:saml2-bearer'
/** Milliseconds before now from which on an assertion holds: clocks differ. */
const before = 60_000

const formats: Readonly<Record<string, string>> = {
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
}

interface Wanted {
  readonly attributes: Readonly<Record<string, readonly string[]>>
  readonly parameters: (assertion: Buffer) => Parameters
  readonly headers: Parameters
}

const basicHeader = ({ shown, secret }: OAuthCredential): Parameters =>
  shown['tokenServiceUser']
    ? { authorization: basicOf(shown['tokenServiceUser'], secret['tokenServicePassword'] ?? '') }
    : {}

/** What each kind of target wants beside the assertion of RFC 7522 (security 6.3). */
const targets: Readonly<Record<string, (credential: OAuthCredential) => Wanted>> = {
  successfactors: ({ shown, secret }) => ({
    attributes: {
      api_key: [secret['clientKey'] ?? ''],
      ...(shown['nameIdFormat'] === 'emailAddress' && { use_email: ['true'] }),
    },
    parameters: (assertion) => ({
      company_id: shown['companyId'] ?? '',
      client_id: secret['clientKey'] ?? '',
      // Not base64url, against RFC 7522.
      assertion: assertion.toString('base64'),
    }),
    headers: {},
  }),
  cf: (credential) => ({
    attributes: {},
    parameters: (assertion) => ({
      client_id: credential.shown['tokenServiceUser'] ?? '',
      assertion: assertion.toString('base64url'),
    }),
    headers: basicHeader(credential),
  }),
  neo: (credential) => ({
    attributes: {},
    parameters: (assertion) => ({ assertion: assertion.toString('base64') }),
    headers: basicHeader(credential),
  }),
  generic: (credential) => ({
    attributes: {},
    parameters: (assertion) => ({
      client_id: credential.shown['tokenServiceUser'] || (credential.secret['clientKey'] ?? ''),
      assertion: assertion.toString('base64url'),
    }),
    headers: basicHeader(credential),
  }),
}

/** SAML 2.0 bearer (RFC 7522): Sluice says in a signed assertion who the user is, and gets the user's token. */
export const samlBearer: Profile = {
  method,
  headers: ['authorization'],
  credential: { types: [type], words: wordsOf[type] },
  compile({ credentialName, user: expression }) {
    const credentialOf = compileCredential(method, type, credentialName)
    const userOf = compileUser(method, expression)
    return async (call) => {
      const credential = await credentialOf(call)
      const { shown, alias } = credential
      const pair = await keyOf(credential, call.run)
      const technical = shown['userId'] === 'commonName'
      const name = technical ? commonNameOf(pair) : (await userOf(call, alias, shown['userIdSource'])).name
      return bearerProof(call, credential, {
        key: [grantType, name, pair.id],
        identity: JSON.stringify([alias, name]),
        request: () => requestFor(name, technical, credential, pair, call),
      })
    }
  },
}

async function requestFor(
  user: string,
  technical: boolean,
  credential: OAuthCredential,
  pair: LentKey,
  { run }: Call,
): Promise<TokenRequest> {
  const { shown } = credential
  const target = targets[shown['targetSystemType'] ?? ''] ?? targets['generic']
  const { attributes, parameters, headers } = (target as (credential: OAuthCredential) => Wanted)(credential)
  const now = run.clock.now()
  const assertion = await makeSaml(
    {
      issuer: shown['issuer'] || commonNameOf(pair),
      subject: { nameId: user, format: formats[shown['nameIdFormat'] ?? ''] ?? String(formats['unspecified']) },
      audience: shown['audience'] ?? '',
      recipient: shown['recipient'] || (shown['tokenServiceUrl'] ?? ''),
      notBefore: now - before,
      notOnOrAfter: now + Number(shown['assertionValidity']) * 1000,
      attributes: { ...furtherAttributes(shown['assertionAttributes']), ...attributes },
      authnContext:
        shown['authnContext'] || `urn:oasis:names:tc:SAML:2.0:ac:classes:${technical ? 'X509' : 'PreviousSession'}`,
    },
    pair,
  )
  return {
    credential,
    form: 'urlencoded',
    inUrl: {},
    inBody: { grant_type: grantType, ...given(shown, ['scope']), ...parameters(Buffer.from(assertion)) },
    headers,
    keyPair: undefined,
  }
}

/** Rows of one name are the values of one attribute. */
function furtherAttributes(raw: string | undefined): Readonly<Record<string, readonly string[]>> {
  const rows = JSON.parse(raw || '[]') as readonly { readonly name: string; readonly value: string }[]
  const values = Map.groupBy(rows, ({ name }) => name)
  return Object.fromEntries([...values].map(([name, of]) => [name, of.map(({ value }) => value)]))
}
