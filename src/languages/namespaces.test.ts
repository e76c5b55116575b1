import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readNamespaceMapping } from './namespaces.ts'

const cases: readonly (readonly [mapping: string, entries: readonly (readonly [string, string])[]])[] = [
  ['', []],
  ['xmlns:p1=urn:a', [['p1', 'urn:a']]],
  [
    'xmlns:p1=urn:a;xmlns:p2="urn:b"',
    [
      ['p1', 'urn:a'],
      ['p2', 'urn:b'],
    ],
  ],
  [" xmlns:a = 'urn:a b' ; ;", [['a', 'urn:a b']]],
  ['n0=http://example.org/x?y=1', [['n0', 'http://example.org/x?y=1']]],
  ['xmlns:a=urn:1;xmlns:a=urn:2', [['a', 'urn:2']]],
]

for (const [mapping, entries] of cases)
  test(`'${mapping}' declares ${entries.length}`, () => {
    assert.deepEqual([...readNamespaceMapping(mapping)], entries)
  })

for (const mapping of ['urn:a', 'xmlns:=urn:a', 'xmlns:p', 'xmlns:p=', 'xmlns:1p=urn:a', 'xmlns:p="urn:a', 'a=b c'])
  test(`'${mapping}' is refused`, () => {
    assert.throws(() => readNamespaceMapping(mapping), { code: 'languages.namespaceMappingMalformed' })
  })
