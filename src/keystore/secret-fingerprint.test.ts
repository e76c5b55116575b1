import assert from 'node:assert/strict'
import { it } from 'node:test'

import { comparisonKey, secretFingerprint } from './secret-fingerprint.ts'

const phrase = 'correct horse battery staple'
const secret = Buffer.from('hunter2')

it('installations with one phrase have one fingerprint of one secret, however the phrase was typed', async () => {
  const [here, there] = await Promise.all([comparisonKey(phrase), comparisonKey(`  Correct horse\n battery  Staple `)])
  const fingerprint = secretFingerprint(here, secret)
  assert.equal(secretFingerprint(there, secret), fingerprint)
  assert.match(fingerprint, /^f1\.[0-9a-f]{32}$/)
})

it('another secret or another phrase has another fingerprint', async () => {
  const [here, there] = await Promise.all([comparisonKey(phrase), comparisonKey(`${phrase} wrong`)])
  const all = [
    secretFingerprint(here, secret),
    secretFingerprint(there, secret),
    secretFingerprint(here, Buffer.from('hunter3')),
    secretFingerprint(here, Buffer.alloc(0)),
  ]
  assert.equal(new Set(all).size, all.length)
})

it('a phrase that is easily guessed is refused', async () => {
  for (const unfit of ['', 'short', `x${' '.repeat(50)}y`, 'x'.repeat(1_025)])
    await assert.rejects(comparisonKey(unfit), { code: 'keystore.comparisonPhraseUnfit' })
})
