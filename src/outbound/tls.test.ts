import assert from 'node:assert/strict'
import { it } from 'node:test'

import { lentKey } from '../../test/kit/receiver-world.ts'
import { systemClock } from '../base/index.ts'
import { createBuiltInCa, openBuiltInCa } from '../keystore/index.ts'
import { connectOptions } from './tls.ts'

it('a context is made once for the same certificates and key pair, and only where it is needed', async () => {
  const { chain, key } = await createBuiltInCa({ clock: systemClock, name: 'CA' })
  const ca = openBuiltInCa({ certificate: chain, key, clock: systemClock })
  const pair = lentKey('pair', await ca.issueClient({ commonName: 'a', days: 1, keySize: 2048 }))
  const none = { id: '', certificates: [] }
  const one = { id: '1', certificates: [chain] }
  assert.deepEqual(connectOptions(none, undefined), {})
  const made = [
    [one, undefined],
    [one, pair],
    [none, pair],
    [{ ...one }, pair],
    [one, { ...pair }],
  ] as const
  const contexts = made.map(([trusted, shown]) => connectOptions(trusted, shown).secureContext)
  assert.equal(new Set(contexts).size, made.length)
  for (const [index, [trusted, shown]] of made.entries())
    assert.equal(connectOptions(trusted, shown).secureContext, contexts[index])
})
