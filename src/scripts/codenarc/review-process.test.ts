import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { reviewIn } from './review-process.ts'

/** A process that says what somebody made it say, and whether its end was seen. */
function saying(program: string) {
  const seen = { ended: false }
  const prepared = {
    command: process.execPath,
    arguments: ['-e', `const say = (...all) => all.forEach((each) => console.log(each)); ${program}`],
    cwd: '/',
    env: {},
    descriptor: undefined,
    started: () => {},
    ended: async () => {
      seen.ended = true
    },
  }
  return { prepared, seen }
}

const scripts = [Buffer.from('a'), Buffer.from('b')]

describe('the process that reads scripts', () => {
  const cases: readonly (readonly [string, string, readonly unknown[], RegExp | undefined])[] = [
    [
      'is believed where it makes sense',
      `say('{"ready":true}', '{"begun":0}', '{"found":[["DeadCode",3]],"ended":0}', '{"problem":"no","line":2}')`,
      [{ found: [['DeadCode', 3]] }, { problem: 'no', line: 2 }],
      undefined,
    ],
    [
      'has no more to say than there are scripts',
      `say(...Array(9).fill('{"found":[]}'))`,
      [{ found: [] }, { found: [] }],
      undefined,
    ],
    [
      'says lines that are lines, and words that are few',
      `say(JSON.stringify({ problem: 'x'.repeat(9999), line: -7 }), '{"found":[["A","x"],["B",1e99],[]]}')`,
      [
        { problem: 'x'.repeat(300), line: 1 },
        {
          found: [
            ['A', 1],
            ['B', 1],
            ['undefined', 1],
          ],
        },
      ],
      undefined,
    ],
    ['is ended when it talks nonsense', `say('boo'); setInterval(() => {}, 1000)`, [], /could not be read/],
    ['is ended when it answers nonsense', `say('{"found":7}'); setInterval(() => {}, 1000)`, [], /could not be read/],
    ['is ended when it says nothing', `say('{"ready":true}'); setInterval(() => {}, 1000)`, [], /longer than 1000 ms/],
    ['is ended when it does not end', `process.stdout.write('x'.repeat(1e8))`, [], /more was said/],
    ['may need too much memory', `say('{"found":[]}'); process.exitCode = 3`, [{ found: [] }], /too much memory/],
    ['may end with an error', `console.error('no room'); process.exitCode = 1`, [], /exit code 1: no room/],
  ]
  for (const [what, program, reviewed, why] of cases)
    it(what, async () => {
      const { prepared, seen } = saying(program)
      const end = await reviewIn(prepared, scripts, { limitMs: 1000, signal: new AbortController().signal })
      assert.deepEqual(end.reviewed, reviewed)
      if (why === undefined) assert.equal(end.why, undefined)
      else assert.match(end.why ?? '', why)
      assert.ok(seen.ended)
    })

  it('is ended with the time for all of them', async () => {
    const { prepared } = saying('setInterval(() => {}, 1000)')
    const { started, why } = await reviewIn(prepared, scripts, { limitMs: 60_000, signal: AbortSignal.timeout(300) })
    assert.deepEqual([started, why], [false, 'there was no time left for it'])
  })
})
