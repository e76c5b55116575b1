import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { BrokenFrame, createFrameReader, encodeFrame, type Frame } from './frames.ts'

const framed = (header: string, raw = ''): Buffer => {
  const start = Buffer.alloc(8)
  start.writeUInt32BE(Buffer.byteLength(header), 0)
  start.writeUInt32BE(raw.length, 4)
  return Buffer.concat([start, Buffer.from(header), Buffer.from(raw)])
}

describe('frames of the script pipe', () => {
  it('come out as they went in, however they are cut', () => {
    const bytes = Buffer.concat([
      ...encodeFrame({ type: 'a' }, [Buffer.from('one'), Buffer.alloc(0), Buffer.from('two')]),
      ...encodeFrame({ type: 'b' }, [Buffer.alloc(300_000, 7)]),
    ])
    for (const size of [1, 7, 4096, bytes.length]) {
      const frames: Frame[] = []
      const read = createFrameReader((frame) => void frames.push(frame))
      for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size))
      assert.deepEqual(
        frames.map(({ header: { type }, parts }) => [type, parts.map(({ length }) => length)]),
        [
          ['a', [3, 0, 3]],
          ['b', [300_000]],
        ],
      )
    }
  })

  for (const [what, bytes] of [
    ['a header that is too long', Buffer.from('ffffffff00000000', 'hex')],
    ['parts that are too long', Buffer.from('00000002000003e9', 'hex')],
    ['a header that is no JSON', framed('{]')],
    ['a header that is null', framed('null')],
    ['a header that is a list', framed('[]')],
    ['lengths that are no list', framed('{"parts":3}')],
    ['a negative length', framed('{"parts":[-1,4]}', 'abc')],
    ['a length that is no number', framed('{"parts":["3"]}', 'abc')],
    ['lengths of less than there is', framed('{"parts":[1]}', 'abc')],
    ['lengths of more than there is', framed('{"parts":[3,1]}', 'abc')],
  ] as const) {
    it(`refuse ${what}`, () => {
      const read = createFrameReader(() => assert.fail('a frame came out'), 1000)
      assert.throws(() => read(bytes), BrokenFrame)
    })
  }
})
