import { wordsOf } from '../../base/index.ts'
import { timeout, url, validate } from '../common-fields.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { httpExchange, targetOf } from '../http-exchange.ts'
import type { Run } from '../run.ts'

const fields = {
  issuer: {
    ...url,
    words: { label: 'Issuer', help: 'Address of the issuer, as it names itself; the document is looked for below it.' },
  },
  validateServerCertificate: validate,
  timeout,
}

/** Required by OpenID Connect Discovery 1.0, 3, whatever flows an issuer has. */
const required = [
  'issuer',
  'jwks_uri',
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
] as const
const shownLists = ['grant_types_supported', 'scopes_supported', 'token_endpoint_auth_methods_supported'] as const
const shownTexts = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'] as const

export const oidc = declareTest({
  kind: 'oidc',
  label: 'OpenID Connect',
  help: 'Reads the discovery document of an issuer and its keys, and checks that it names itself so.',
  fields,
  target: ({ issuer }) => targetOf(issuer),
  timeout: ({ timeout }) => timeout,
  async test(run, { issuer, validateServerCertificate: validate }) {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const document = await readJson(run, address, 'a discovery document', validate)
    const missing = required.filter((name) => document[name] === undefined)
    if (missing.length > 0)
      throw faults.documentInvalid({
        url: address,
        what: 'a discovery document',
        why: `it lacks ${missing.join(', ')}`,
      })
    run.facts['issuer'] = run.quote(String(document['issuer']))
    for (const name of shownTexts) if (document[name] !== undefined) run.facts[name] = run.quote(String(document[name]))
    for (const name of [...shownLists, 'id_token_signing_alg_values_supported']) {
      const list = document[name]
      if (Array.isArray(list)) run.facts[name] = list.slice(0, 100).map((one) => run.quote(String(one)))
    }
    if (document['issuer'] !== issuer)
      throw faults.issuerMismatch({ entered: issuer, found: run.quote(String(document['issuer'])) })
    await readKeys(run, String(document['jwks_uri']), validate)
  },
})

async function readKeys(run: Run, address: string, validate: boolean): Promise<void> {
  const what = 'a set of keys (JWKS)'
  if ('problem' in url.read(address))
    throw faults.documentInvalid({ url: run.quote(address), what, why: 'it is no address' })
  const { keys } = await readJson(run, address, what, validate)
  if (!Array.isArray(keys) || keys.length === 0)
    throw faults.documentInvalid({ url: address, what, why: 'it holds no key' })
  run.facts['keys'] = keys.slice(0, 50).map((key: unknown) => {
    const { kid = 'without id', kty = '', alg = '', use = '' } = (key ?? {}) as Readonly<Record<string, unknown>>
    return run.quote([kid, kty, alg, use].filter((part) => part !== '').join(' '))
  })
}

async function readJson(
  run: Run,
  address: string,
  what: string,
  validate: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await httpExchange(run, { url: address, validate })
  if (status !== 200) throw faults.httpStatus({ url: address, status })
  return await run.step('read', async (note) => {
    let value: unknown
    try {
      value = JSON.parse(body.toString())
    } catch (cause) {
      throw faults.documentInvalid({ url: address, what, why: run.quote(wordsOf(cause)) }, { cause })
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw faults.documentInvalid({ url: address, what, why: 'it is not a JSON object' })
    note(`${body.length} bytes`)
    return await Promise.resolve(value as Readonly<Record<string, unknown>>)
  })
}
