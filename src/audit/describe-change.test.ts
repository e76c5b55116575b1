import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { describeChange, safeAttributes, safeChanges } from './describe-change.ts'

describe('describeChange', () => {
  const cases: readonly [string, object | undefined, object | undefined, object][] = [
    [
      'an object that is new',
      undefined,
      { name: 'a', roles: ['x'] },
      { name: { after: 'a' }, roles: { after: '["x"]' } },
    ],
    ['one that is gone', { name: 'a', pin: '1' }, undefined, { name: { before: 'a' }, pin: { before: 'set' } }],
    ['only what differs', { a: 1, b: 2 }, { a: 1, b: 3 }, { b: { before: '2', after: '3' } }],
    ['not the order of members', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, {}],
    ['not nothing against nothing', { a: undefined, b: '' }, { a: null, b: undefined }, {}],
    ['a secret that changed', { pin: '1' }, { pin: '2' }, { pin: { before: 'set', after: 'changed' } }],
    ['a secret that did not', { pin: '1' }, { pin: '1' }, {}],
    ['a secret that is new', {}, { pin: '1' }, { pin: { after: 'set' } }],
    ['a secret that was taken away', { pin: '1' }, { pin: '' }, { pin: { before: 'set' } }],
    ['bytes', { pin: Buffer.from('1') }, { pin: Buffer.from('2') }, { pin: { before: 'set', after: 'changed' } }],
    ['equal bytes', { pin: Buffer.from('1') }, { pin: Uint8Array.of(49) }, {}],
    [
      'a forgotten name',
      { passwordHash: 'x', sealedSecret: 'y', tokenValidity: 1 },
      { passwordHash: 'z', sealedSecret: 'y', tokenValidity: 2 },
      { passwordHash: { before: 'set', after: 'changed' }, tokenValidity: { before: '1', after: '2' } },
    ],
    [
      'a secret within a value',
      { auth: { user: 'a', pin: '1' } },
      { auth: { user: 'a', pin: '2' } },
      { auth: { before: '{"pin":"set","user":"a"}', after: 'changed' } },
    ],
    [
      'what looks like a secret',
      {},
      { note: '-----BEGIN PRIVATE KEY-----\nMII', kind: 'OAuth2 SAML Bearer Assertion' },
      { note: { after: 'set' }, kind: { after: 'OAuth2 SAML Bearer Assertion' } },
    ],
    ['a time', {}, { at: new Date(0) }, { at: { after: '1970-01-01T00:00:00.000Z' } }],
    ['a long text', {}, { a: 'x'.repeat(2_000) }, { a: { after: `${'x'.repeat(999)}…` } }],
    [
      'a name like any',
      {},
      JSON.parse('{"__proto__":"x"}') as object,
      JSON.parse('{"__proto__":{"after":"x"}}') as object,
    ],
  ]
  for (const [name, before, after, expected] of cases) {
    it(name, () => assert.deepEqual(describeChange(before, after, ['pin']), expected))
  }

  it('never lets a secret through, whatever holds it', () => {
    const canary = 'CANARY-7f3a'
    const fields = ['pin', 'password', 'clientSecret', 'sealedKey', 'api_key', 'Passphrase']
    const holder = fc.letrec((tie) => ({
      value: fc.oneof(fc.string(), fc.array(tie('value'), { maxLength: 3 }), tie('object')),
      object: fc.tuple(fc.constantFrom(...fields), fc.string(), tie('value')).map(([secret, name, value]) => ({
        [`${name}_`]: value,
        [secret]: canary,
      })),
    })).object
    fc.assert(
      fc.property(fc.option(holder, { nil: undefined }), fc.option(holder, { nil: undefined }), (before, after) => {
        const changes = describeChange(before, after, ['pin'])
        assert.ok(!JSON.stringify(changes).includes(canary))
      }),
    )
  })
})

it('attributes and changes made by hand go through the same net', () => {
  assert.deepEqual(safeAttributes({ password: 'x', cn: 'A', token: '', pem: '-----BEGIN EC PRIVATE KEY-----' }), {
    password: 'set',
    cn: 'A',
    token: '',
    pem: 'set',
  })
  assert.deepEqual(
    safeChanges({ secret: { before: 'a', after: 'b' }, cn: { before: 'a' }, token: { after: 'changed' } }),
    {
      secret: { before: 'set', after: 'changed' },
      cn: { before: 'a' },
      token: { after: 'changed' },
    },
  )
})
