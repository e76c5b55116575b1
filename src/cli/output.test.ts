import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createOutput, harmless } from './output.ts'
import { table } from './table.ts'

function record(given: { json?: boolean; terminal?: boolean; environment?: Record<string, string> }) {
  const written = { out: [] as (string | Uint8Array)[], err: [] as (string | Uint8Array)[] }
  const sink = (name: 'out' | 'err') => ({
    isTTY: given.terminal ?? false,
    write: (text: string | Uint8Array) => written[name].push(text),
  })
  const output = createOutput({
    out: sink('out'),
    err: sink('err'),
    json: given.json ?? false,
    environment: given.environment ?? {},
  })
  return { output, written }
}

describe('output', () => {
  const escapes: [string, string, string][] = [
    ['a cursor movement', 'a\u001b[2Jb', 'a\ufffd[2Jb'],
    ['an operating system command', '\u001b]0;title\u0007x', '\ufffd]0;title\ufffdx'],
    ['a carriage return', 'good\rbad', 'good\ufffdbad'],
    ['C1 control characters', 'a\u009b31mb', 'a\ufffd31mb'],
    ['reversed writing', 'a\u202eb', 'a\ufffdb'],
    ['line ends and tabs', 'a\r\nb\n\tc', 'a\nb\n\tc'],
    ['a colour', '\u001b[31mred\u001b[39m', '\u001b[31mred\u001b[39m'],
  ]
  for (const [what, given, expected] of escapes)
    it(`makes ${what} harmless`, () => assert.equal(harmless(given), expected))

  it('gives people words and programs JSON', () => {
    const person = record({})
    person.output.result({ a: 1 }, 'one')
    assert.deepEqual(person.written.out, ['one\n'])
    const program = record({ json: true })
    program.output.result({ a: 1 }, 'one')
    program.output.item({ b: 2 }, 'two')
    program.output.note('a remark')
    assert.deepEqual(program.written, { out: ['{\n  "a": 1\n}\n', '{"b":2}\n'], err: [] })
  })

  it('is coloured at a terminal only, and not where NO_COLOR is set', () => {
    assert.equal(record({}).output.tone('STARTED'), 'STARTED')
    assert.equal(record({ terminal: true, environment: { NO_COLOR: '1' } }).output.tone('STARTED'), 'STARTED')
    assert.equal(
      record({ terminal: true, environment: { TERM: 'xterm' } }).output.tone('STARTED'),
      '\u001b[32mSTARTED\u001b[39m',
    )
  })

  it('keeps bytes as they are, but for a terminal', () => {
    const bytes = Uint8Array.of(0x1b, 0xff)
    const piped = record({})
    piped.output.bytes(bytes)
    assert.deepEqual(piped.written.out, [bytes])
    const terminal = record({ terminal: true })
    terminal.output.bytes(bytes)
    assert.deepEqual(terminal.written.out, ['\ufffd\ufffd'])
  })

  it('tells a person at a terminal what takes longer than a second, and clears the line', async (test) => {
    test.mock.timers.enable({ apis: ['setInterval'] })
    const { output, written } = record({ terminal: true })
    const work = Promise.withResolvers<number>()
    const shown = output.progress('Deploying Orders', work.promise)
    test.mock.timers.tick(900)
    assert.deepEqual(written.err, [])
    test.mock.timers.tick(1_200)
    work.resolve(7)
    assert.equal(await shown, 7)
    assert.deepEqual(written.err, [
      '\r\u001b[KDeploying Orders ... 1 s',
      '\r\u001b[KDeploying Orders ... 2 s',
      '\r\u001b[K',
    ])
  })
})

describe('a table', () => {
  it('aligns columns, without padding at the end of a line', () => {
    assert.equal(
      table(
        ['Id', 'Status'],
        [
          ['Orders', 'STARTED'],
          ['X', ''],
        ],
      ),
      'ID      STATUS\nOrders  STARTED\nX',
    )
  })

  it('measures what is visible and keeps a row in one line', () => {
    assert.equal(
      table(undefined, [
        ['\u001b[31ma\u001b[39m', 'x\r\ny'],
        ['bcd', 'z'],
      ]),
      '\u001b[31ma\u001b[39m    x y\nbcd  z',
    )
  })
})
