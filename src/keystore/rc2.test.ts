import assert from 'node:assert/strict'
import { it } from 'node:test'

import { decryptRc2 } from './rc2.ts'

/** RFC 2268, section 5: key, effective bits, plain text, cipher text. */
const vectors: [string, number, string, string][] = [
  ['0000000000000000', 63, '0000000000000000', 'ebb773f993278eff'],
  ['ffffffffffffffff', 64, 'ffffffffffffffff', '278b27e42e2f0d49'],
  ['3000000000000000', 64, '1000000000000001', '30649edf9be7d2c2'],
  ['88', 64, '0000000000000000', '61a8a244adacccf0'],
  ['88bca90e90875a', 64, '0000000000000000', '6ccf4308974c267f'],
  ['88bca90e90875a7f0f79c384627bafb2', 64, '0000000000000000', '1a807d272bbe5db1'],
  ['88bca90e90875a7f0f79c384627bafb2', 128, '0000000000000000', '2269552ab0f85ca6'],
]

for (const [key, bits, plain, cipher] of vectors) {
  it(`decrypts with ${key} of ${bits} bits`, () => {
    // The initial vector turns the plain text of the standard into one with padding.
    const wanted = Buffer.from('letter\u0002\u0002')
    const iv = Buffer.from(plain, 'hex').map((byte, index) => byte ^ (wanted[index] ?? 0))
    const given = { key: Buffer.from(key, 'hex'), bits, iv, content: Buffer.from(cipher, 'hex') }
    assert.equal(decryptRc2(given)?.toString(), 'letter')
  })
}

it('takes nothing with wrong padding or of a wrong length', () => {
  const base = { key: Buffer.alloc(5), bits: 40, iv: Buffer.alloc(8) }
  for (const content of [Buffer.alloc(0), Buffer.alloc(7), Buffer.alloc(8)])
    assert.equal(decryptRc2({ ...base, content }), undefined)
})
