import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readInstanceParameters } from './instance-parameters.ts'
import { readKeyParameters } from './key-parameters.ts'
import type { Json } from './read-json.ts'
import { readList } from './read-members.ts'

const invalid = (property: string, ...problems: RegExp[]) => ({
  code: 'api.parametersInvalid',
  message: new RegExp(`^'${property}' cannot be used: ${problems.map(({ source }) => source).join('; ')}\\.$`),
})

describe('parameters of a service instance', () => {
  it('are those of the original', () => {
    const given = {
      roles: ['ESBMessaging.send'],
      'grant-types': ['client_credentials'],
      'redirect-uris': [],
      'token-validity': 3600,
    }
    assert.deepEqual(readInstanceParameters(given), {
      roles: ['ESBMessaging.send'],
      grantTypes: ['client_credentials'],
      redirectUris: [],
      tokenValidity: 3600,
    })
    assert.deepEqual(readInstanceParameters({ roles: null }), {})
  })

  for (const [given, ...problems] of [
    [{ role: ['a'] }, /'role' is not known \(known are roles, grant-types, redirect-uris, token-validity\)/],
    [
      { roles: 'a', 'token-validity': '3600', 'redirect-uris': [1] },
      /'roles' must be a list of texts/,
      /'token-validity' must be a whole number/,
      /'redirect-uris' must be a list of texts/,
    ],
    [{ constructor: [] }, /'constructor' is not known .*/],
    [['roles'], /a JSON object is expected/],
    ['roles', /a JSON object is expected/],
    [null, /a JSON object is expected/],
  ] as const satisfies readonly (readonly [Json, ...RegExp[]])[]) {
    it(`${JSON.stringify(given)} are refused whole`, () =>
      assert.throws(() => readInstanceParameters(given), invalid('Parameters', ...problems)))
  }
})

describe('parameters of a service key', () => {
  for (const [given, expected] of [
    [{}, { type: 'secret' }],
    [
      { 'key-type': 'secret', 'client-id': 'me' },
      { type: 'secret', clientId: 'me' },
    ],
    [
      { 'key-type': 'certificate', validity: 30, 'key-length': 2048 },
      { type: 'certificate', validityDays: 30, keySize: 2048 },
    ],
    [{ 'X.509': 'PEM' }, { type: 'certificate_external', certificate: 'PEM' }],
    [
      { 'key-type': 'certificate_external', 'X.509': 'PEM', 'pin-certificate': false, validity: 365, 'key-length': 1 },
      { type: 'certificate_external', certificate: 'PEM', pinned: false },
    ],
  ] as const) {
    it(JSON.stringify(given), () =>
      assert.deepEqual(readKeyParameters('k', given as unknown as Json), { name: 'k', ...expected }),
    )
  }

  for (const [given, ...problems] of [
    [{ 'key-type': 'jwt' }, /'key-type' is 'jwt', but must be secret, certificate or certificate_external/],
    [{ 'key-type': 'certificate_external' }, /'X\.509' is missing: the certificate as PEM/],
    [
      { 'key-type': 'certificate', 'X.509': 'PEM', 'pin-certificate': true },
      /'X\.509' does not go with the key-type certificate/,
      /'pin-certificate' does not go with the key-type certificate/,
    ],
    [{ 'pin-certificate': true }, /'pin-certificate' does not go with the key-type secret/],
    [
      { 'X.509': 1, 'pin-certificate': 'no', x509: '' },
      /'X\.509' must be text/,
      /'pin-certificate' must be true or false/,
      /'x509' is not known .*/,
    ],
  ] as const satisfies readonly (readonly [Json, ...RegExp[]])[]) {
    it(`${JSON.stringify(given)} are refused`, () =>
      assert.throws(() => readKeyParameters('k', given), invalid('Parameters', ...problems)))
  }
})

it('a list is a list of texts or refused', () => {
  assert.deepEqual([readList('["a",]', 'Roles'), readList(undefined, 'Roles')], [['a'], undefined])
  assert.throws(() => readList('a,b', 'Roles'), { code: 'api.jsonInvalid' })
  assert.throws(() => readList('[1]', 'Roles'), invalid('Roles', /it must be a list of texts such as \["a","b"\]/))
})
