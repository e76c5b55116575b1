import type { Call, Proof } from './calls.ts'

const check = [
  'pm.test("the call is let in", function () {',
  '  pm.expect(pm.response.code).to.not.be.oneOf([401, 403, 429])',
  '})',
]

/** A collection in the format v2.1. Addresses and credentials come from the environment; certificates cannot. */
export function postmanCollection(given: {
  readonly name: string
  readonly calls: readonly Call[]
  readonly proof: Proof
}): object {
  const { name, calls, proof } = given
  const basic = {
    type: 'basic',
    basic: [
      { key: 'username', value: '{{clientId}}', type: 'string' },
      { key: 'password', value: '{{clientSecret}}', type: 'string' },
    ],
  }
  return {
    info: {
      name,
      description: 'Calls that this service key may make. README.md of the kit says how to set it up.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: proof === 'secret' ? basic : { type: 'noauth' },
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: check } }],
    item: calls.map(({ method, path, hasBody }) => ({
      name: `${method} ${path}`,
      request: {
        method,
        header: hasBody ? [{ key: 'content-type', value: 'application/json' }] : [],
        ...(hasBody && { body: { mode: 'raw', raw: '{}' } }),
        url: { raw: `{{baseUrl}}${path}`, host: ['{{baseUrl}}'], path: path.slice(1).split('/') },
      },
    })),
  }
}

/** The environment of the collection: where, and for secrets also who. */
export function postmanEnvironment(given: {
  readonly name: string
  readonly url: string
  readonly clientId: string
  readonly secret: string | undefined
  readonly now: number
}): object {
  const { name, url, clientId, secret, now } = given
  const value = (key: string, text: string, type: 'default' | 'secret') => ({ key, value: text, type, enabled: true })
  return {
    name,
    values: [
      value('baseUrl', url, 'default'),
      value('clientId', clientId, 'default'),
      ...(secret === undefined ? [] : [value('clientSecret', secret, 'secret')]),
    ],
    _postman_variable_scope: 'environment',
    _postman_exported_at: new Date(now).toISOString(),
  }
}
