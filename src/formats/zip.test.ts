import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { type RawEntry, rawZip } from '../../test/kit/raw-zip.ts'
import { Fault } from '../base/index.ts'
import { createReadBudget, type ReadLimits } from './read-budget.ts'
import { looksLikeZip, readZip } from './zip.ts'
import { writeZip } from './zip-write.ts'

const refusal = async (zip: Uint8Array, limits?: ReadLimits): Promise<Fault> => {
  const thrown: unknown = await readZip(zip, createReadBudget(limits)).then(
    () => 'the zip was read',
    (reason: unknown) => reason,
  )
  assert.ok(thrown instanceof Fault, String(thrown))
  return thrown
}

const path = fc.stringMatching(/^[a-zA-Z0-9 äß_-]{1,8}(\/[a-zA-Z0-9 _.-]{0,7}[a-zA-Z]){0,2}\.x$/)

test('what is written is read', async () => {
  const files = fc.uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 300 })), {
    selector: ([name]) => name,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(files, async (given) => {
      const read = await readZip(await writeZip(given))
      assert.deepEqual(read, new Map(given.map(([name, content]) => [name, Buffer.from(content)])))
    }),
    { numRuns: 40 },
  )
})

test('the same files give the same bytes, at any time', async (t) => {
  const files = [['a', Buffer.from('1')] as const]
  t.mock.timers.enable({ apis: ['Date'], now: 0 })
  const first = await writeZip(files)
  t.mock.timers.setTime(1e12)
  assert.deepEqual(await writeZip(files), first)
  assert.ok(looksLikeZip(first))
})

test('folders are left out and stored entries are read', async () => {
  const zip = rawZip([
    { name: 'a/', method: 0 },
    { name: 'a/b', content: 'stored', method: 0 },
    { name: 'c', content: 'packed' },
  ])
  assert.deepEqual(
    [...(await readZip(zip))].map(([name, content]) => [name, content.toString()]),
    [
      ['a/b', 'stored'],
      ['c', 'packed'],
    ],
  )
})

const bad: readonly (readonly [what: string, code: string, words: RegExp, entries: readonly RawEntry[]])[] = [
  ['a way out', 'formats.pathUnsafe', /'\.\.\/x'.*leads out/, [{ name: '../x' }]],
  ['a way out further down', 'formats.pathUnsafe', /'a\/\.\.\/\.\.\/x'/, [{ name: 'a/../../x' }]],
  ['a folder that leads out', 'formats.pathUnsafe', /leads out/, [{ name: '../', method: 0 }]],
  ['an absolute name', 'formats.pathUnsafe', /'\/etc\/x'.*absolute/, [{ name: '/etc/x' }]],
  ['a drive', 'formats.pathUnsafe', /'C:x'.*absolute/, [{ name: 'C:x' }]],
  ['a backslash', 'formats.pathUnsafe', /backslash/, [{ name: 'a\\b' }]],
  ['a zero byte', 'formats.pathUnsafe', /'a\?b'.*control/, [{ name: 'a\0b' }]],
  ['an empty part', 'formats.pathUnsafe', /empty part/, [{ name: 'a//b' }]],
  ['an empty name', 'formats.pathUnsafe', /empty/, [{ name: '' }]],
  ['a link', 'formats.pathUnsafe', /'l'.*symbolic link/, [{ name: 'l', content: '/etc/passwd', mode: 0o120777 }]],
  ['a device', 'formats.pathUnsafe', /'d'.*no plain file/, [{ name: 'd', mode: 0o020666 }]],
  ['a file that is a folder too', 'formats.pathUnsafe', /'a' is a file/, [{ name: 'a/b' }, { name: 'a' }]],
  ['a name twice', 'formats.entryTwice', /'a'/, [{ name: 'a' }, { name: 'a', content: 'other' }]],
  ['encryption', 'formats.zipEncrypted', /'e'/, [{ name: 'e', flags: 0x801 }]],
  ['an unknown method', 'formats.zipMethodUnknown', /'m'.*12/, [{ name: 'm', method: 12 }]],
  ['a wrong checksum', 'formats.zipEntryDamaged', /'c'.*checksum/, [{ name: 'c', content: 'x', checksum: 1 }]],
  ['less than announced', 'formats.zipEntryDamaged', /'s'/, [{ name: 's', content: 'abc', announced: 9 }]],
  ['more than announced', 'formats.zipEntryDamaged', /'s'/, [{ name: 's', content: 'abcdef', announced: 2 }]],
]
for (const [what, code, words, entries] of bad) {
  test(`refused: ${what}`, async () => {
    const fault = await refusal(rawZip([{ name: 'good', content: 'x' }, ...entries]))
    assert.equal(fault.code, code)
    assert.match(fault.message, words)
  })
}

test('refused wherever it is cut off', async () => {
  const zip = await writeZip([
    ['a', Buffer.from('some text')],
    ['b', Buffer.alloc(500, 'xyz')],
  ])
  for (let length = 0; length < zip.length; length += 7) {
    const fault = await refusal(zip.subarray(0, length))
    assert.match(fault.code, /^formats\.zip/)
  }
})

test('refused, and nothing worse, when bytes are changed', async () => {
  const zip = await writeZip([
    ['a', Buffer.from('some text')],
    ['b/c', Buffer.alloc(500, 'xyz')],
  ])
  await fc.assert(
    fc.asyncProperty(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const broken = Buffer.from(zip)
      broken.writeUInt8((broken.readUInt8(at) + change) % 256, at)
      await readZip(broken).catch((thrown: unknown) => assert.ok(thrown instanceof Fault, String(thrown)))
    }),
    { numRuns: 300 },
  )
})

test('a bomb costs neither memory nor time', async () => {
  const zeros = Buffer.alloc(60 * 1024 * 1024)
  const bombs: readonly (readonly [string, Buffer])[] = [
    ['formats.compressedTooFar', rawZip([{ name: 'bomb', content: zeros }])],
    ['formats.compressedTooFar', rawZip([{ name: 'bomb', content: 'x', announced: 0xfffffff0 }])],
    // What it announces is small; what comes out is not.
    ['formats.zipEntryDamaged', rawZip([{ name: 'bomb', content: zeros, announced: 1000 }])],
  ]
  for (const [code, bomb] of bombs) {
    const before = process.memoryUsage().arrayBuffers
    const start = performance.now()
    assert.equal((await refusal(bomb)).code, code)
    assert.ok(performance.now() - start < 500)
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024)
  }
})

test('limits hold for all entries together', async () => {
  const zip = rawZip(['a', 'b', 'c'].map((name) => ({ name, content: 'x'.repeat(100) })))
  assert.equal((await readZip(zip, createReadBudget({ bytes: 300, entries: 3 }))).size, 3)
  assert.match((await refusal(zip, { bytes: 299 })).message, /'c'.*299 bytes/)
  assert.equal((await refusal(zip, { entries: 2 })).code, 'formats.tooManyEntries')
  const shared = createReadBudget({ bytes: 500 })
  await readZip(zip, shared)
  await assert.rejects(readZip(zip, shared), { code: 'formats.tooLarge' })
  const many = rawZip(Array.from({ length: 10_001 }, (_, index) => ({ name: `f${index}` })))
  assert.equal((await refusal(many)).code, 'formats.tooManyEntries')
})
