import assert from 'node:assert/strict'
import { it } from 'node:test'

import { boundedMap } from './bounded-map.ts'

it('a bounded map forgets what was asked for longest ago', () => {
  const map = boundedMap<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  assert.equal(map.get('a'), 1)
  map.set('c', 3)
  assert.deepEqual(['a', 'b', 'c'].map(map.get), [1, undefined, 3])
  map.delete('a')
  map.set('d', 4)
  assert.deepEqual(['a', 'c', 'd'].map(map.get), [undefined, 3, 4])
})
