import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'

import { newTenantKey, openTenantKey } from './key-ring.ts'
import { createSealer, deriveKey } from './seal.ts'

const key = randomBytes(32)
const sealer = createSealer({ key, tenant: 'default' })
const sealed = sealer.seal(Buffer.from('secret'), 'credential a')

it('what was sealed opens in its place', () => {
  assert.equal(sealer.open(sealed, 'credential a').toString(), 'secret')
  assert.equal(sealer.open(sealer.seal(Buffer.alloc(0), 'x'), 'x').length, 0)
})

it('the same text is sealed differently each time, and shows its format and key', () => {
  const texts = new Set(Array.from({ length: 100 }, () => sealer.seal(Buffer.from('secret'), 'credential a')))
  assert.equal(texts.size, 100)
  for (const text of texts) assert.match(text, /^s1\.[0-9a-f]{16}\.[\w-]+$/)
})

const flip = (text: string, at: number) => {
  const bytes = Buffer.from(text.split('.')[2] ?? '', 'base64url')
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  return [...text.split('.').slice(0, 2), bytes.toString('base64url')].join('.')
}
for (const [name, open] of [
  ['in another context', () => sealer.open(sealed, 'credential b')],
  ['in another tenant', () => createSealer({ key, tenant: 'other' }).open(sealed, 'credential a')],
  ['with another key', () => createSealer({ key: randomBytes(32), tenant: 'default' }).open(sealed, 'credential a')],
  ['with a changed nonce', () => sealer.open(flip(sealed, 0), 'credential a')],
  ['with a changed text', () => sealer.open(flip(sealed, 12), 'credential a')],
  ['with a changed tag', () => sealer.open(flip(sealed, -1), 'credential a')],
  ['when cut off', () => sealer.open(sealed.slice(0, 40), 'credential a')],
  ['when it is plain text', () => sealer.open('secret', 'credential a')],
  ['of another version', () => sealer.open(sealed.replace('s1', 's2'), 'credential a')],
] as const) {
  it(`it does not open ${name}`, () => {
    assert.throws(open, (fault: Error & { code: string }) => {
      assert.equal(fault.code, 'keystore.sealBroken')
      assert.doesNotMatch(fault.message, /secret/)
      return true
    })
  })
}

it('borders between tenant and context cannot be shifted', () => {
  const one = createSealer({ key, tenant: 'a' }).seal(Buffer.from('x'), 'b","c')
  assert.throws(() => createSealer({ key, tenant: 'a","b' }).open(one, 'c'), { code: 'keystore.sealBroken' })
})

it('a tenant key opens under its master key only, and says so', () => {
  const masterKey = randomBytes(32)
  const { key, sealedKey } = newTenantKey({ masterKey, tenant: 'default' })
  assert.deepEqual(openTenantKey({ masterKey, tenant: 'default', sealedKey }), key)
  assert.throws(() => openTenantKey({ masterKey: randomBytes(32), tenant: 'default', sealedKey }), {
    code: 'keystore.masterKeyWrong',
  })
  assert.throws(() => openTenantKey({ masterKey, tenant: 'other', sealedKey }), { code: 'keystore.sealBroken' })
})

it('derived keys differ by purpose and by key', () => {
  const keys = [deriveKey(key, 'csrf'), deriveKey(key, 'cursor'), deriveKey(randomBytes(32), 'csrf'), key]
  assert.equal(new Set(keys.map((each) => each.toString('hex'))).size, 4)
  assert.deepEqual(deriveKey(key, 'csrf'), keys[0])
})

it('a key of the wrong length is refused', () => {
  assert.throws(() => createSealer({ key: randomBytes(16), tenant: 'default' }), RangeError)
})
