import assert from 'node:assert/strict'
import { it } from 'node:test'

import { createBoundedMap } from './bounded-map.ts'

it('a bounded map forgets what was asked for longest ago', () => {
  const map = createBoundedMap<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  assert.equal(map.get('a'), 1)
  map.set('c', 3)
  assert.deepEqual(['a', 'b', 'c'].map(map.get), [1, undefined, 3])
  map.delete('a')
  map.set('d', 4)
  assert.deepEqual(['a', 'c', 'd'].map(map.get), [undefined, 3, 4])
})

it('a bounded map of weights forgets as many as the newest needs, itself too where it is too heavy', () => {
  const map = createBoundedMap<string>(5, (value) => value.length)
  map.set('a', 'xx')
  map.set('b', 'xx')
  map.set('c', 'xxx')
  assert.deepEqual([...map.values()], ['xx', 'xxx'])
  map.set('c', 'x')
  map.set('d', 'xx')
  assert.deepEqual([...map.values()], ['xx', 'x', 'xx'])
  map.set('e', 'xxxxxx')
  assert.deepEqual([...map.values()], [])
  map.set('f', 'xxxxx')
  map.clear()
  map.set('g', 'xxxxx')
  assert.deepEqual([...map.values()], ['xxxxx'])
})
