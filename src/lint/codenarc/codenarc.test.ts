import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { bundleOf } from '../../../test/kit/bundle.ts'
import { faults } from '../faults.ts'
import {
  type CodeNarc,
  type CodeNarcAnswer,
  type FindingCode,
  findWithCodeNarc,
  hasGroovy,
  lintRules,
  mergeFindings,
  needsCodeNarc,
  readLintCodes,
  refuseFindings,
} from '../index.ts'
import { codeNarcRules } from './rules.ts'

const scripts = (files: Readonly<Record<string, string>>) => bundleOf({ id: 'Scripts', processes: [], files })

/** Says of each script what stands for its text. */
const saying = (answers: Readonly<Record<string, CodeNarcAnswer>>): CodeNarc & { readonly asked: string[] } => {
  const asked: string[] = []
  return {
    asked,
    review: async (contents) =>
      contents.map((content) => {
        asked.push(String(content))
        return answers[String(content)] ?? { found: [] }
      }),
  }
}

describe('the rules of CodeNarc', () => {
  it('have words of ours and the address of theirs', () => {
    const entries = Object.entries(codeNarcRules)
    assert.ok(entries.length > 60)
    for (const [name, { message, advice, page }] of entries) {
      assert.match(`${message} ${advice}`, /^[A-Za-z].*\. .*\S$/, name)
      assert.match(advice, /[.]$/, name)
      assert.match(page, /^https:\/\/codenarc\.org\/codenarc-rules-[a-z]+\.html#[a-z]+-rule$/, name)
    }
  })

  it('tell nothing that a rule of ours tells', () => {
    const told = ['UnusedImport', 'Println', 'SystemOutPrint', 'SystemErrPrint', 'SystemExit', 'ClassForName']
    assert.deepEqual(
      told.filter((name) => name in codeNarcRules),
      [],
    )
  })

  it('find by file and line, once for each line, in the Groovy scripts of each bundle', async () => {
    const port = saying({
      one: {
        found: [
          ['DeadCode', 7],
          ['EmptyCatchBlock', 2],
          ['DeadCode', 7],
          ['NoSuchRule', 1],
        ],
      },
      two: { problem: 'Unexpected input', line: 3 },
    })
    const bundles = await Promise.all([
      scripts({ 'a.groovy': 'one', 'b.js': 'no', 'c.txt': 'no', 'long.groovy': ' '.repeat(1_000_001) }),
      scripts({}),
      scripts({ 'd.gsh': 'two' }),
    ])
    const found = await findWithCodeNarc(bundles, port)
    assert.deepEqual(port.asked, ['one', 'two'])
    assert.deepEqual(
      found.map((each) => each.map(({ code, file, line, severity, detail }) => [code, file, line, severity, detail])),
      [
        [
          ['codenarc.EmptyCatchBlock', 'a.groovy', 2, 'warning', undefined],
          ['codenarc.DeadCode', 'a.groovy', 7, 'warning', undefined],
        ],
        [],
        [['not-reviewed', 'd.gsh', 3, 'warning', 'Unexpected input']],
      ],
    )
    assert.deepEqual(bundles.map(hasGroovy), [true, false, true])
  })

  it('count as not looked at where there is no answer', async () => {
    const found = await findWithCodeNarc([await scripts({ 'a.groovy': 'x' })], { review: async () => [] })
    assert.deepEqual(
      found.flat().map(({ code }) => code),
      ['not-reviewed'],
    )
  })

  for (const [list, needed] of [
    ['', false],
    ['error', false],
    ['print,dynamic-code', false],
    ['warning', true],
    ['codenarc.DeadCode', true],
    ['not-reviewed', true],
  ] as const)
    it(`are ${needed ? '' : 'not '}needed for '${list}'`, () => {
      assert.equal(needsCodeNarc(readLintCodes(list)), needed)
    })

  it('are known by their names only', () => {
    for (const list of ['DeadCode', 'codenarc.Nope', 'codenarc.'])
      assert.throws(() => readLintCodes(list), { code: 'lint.codesUnknown' })
  })
})

it('what both tell of a line is told by a rule of ours, and all is in order', () => {
  const at = (code: FindingCode, line: number, file = 'a.groovy') =>
    ({ code, severity: 'info', message: '', advice: '', file, line }) as const
  const ours = [at('unused-import', 2), at('print', 9), at('print', 1, 'b.groovy')]
  const theirs = [at('codenarc.DuplicateImport', 2), at('codenarc.DuplicateImport', 3), at('codenarc.DeadCode', 7)]
  assert.deepEqual(
    mergeFindings(ours, theirs).map(({ code, file, line }) => `${file}:${line} ${code}`),
    [
      'a.groovy:2 unused-import',
      'a.groovy:3 codenarc.DuplicateImport',
      'a.groovy:7 codenarc.DeadCode',
      'a.groovy:9 print',
      'b.groovy:1 print',
    ],
  )
})

describe('a deployment that rules of CodeNarc may stop', () => {
  const port = saying({
    dead: { found: [['DeadCode', 4]] },
    idle: { found: [['UnusedVariable', 5]] },
    broken: { problem: 'Unexpected input', line: 3 },
  })
  const refuse = async (source: string, stop: string, by: CodeNarc = port) =>
    refuseFindings(await scripts({ 'a.groovy': source }), readLintCodes(stop), by)

  it('is stopped by what they find, with its place', async () => {
    await assert.rejects(refuse('dead', 'codenarc.DeadCode'), {
      code: 'lint.stopped',
      message: /codenarc\.DeadCode at a\.groovy:4/,
    })
    await assert.rejects(refuse('dead', 'warning'), { code: 'lint.stopped' })
    await assert.rejects(refuse('idle', 'info'), { code: 'lint.stopped' })
    await refuse('dead', 'codenarc.EmptyCatchBlock,info')
    await refuse('idle', 'warning')
    await refuse('good', 'warning,info,error')
  })

  it('is stopped by a script that was not looked at', async () => {
    await assert.rejects(refuse('broken', 'codenarc.DeadCode'), {
      code: 'lint.stopped',
      message: /not-reviewed at a\.groovy:3 \(Unexpected input\)/,
    })
  })

  it('is stopped where CodeNarc cannot run, and only where it was asked for', async () => {
    const none: CodeNarc = { review: () => Promise.reject(faults.codesUnknown({ unknown: [], known: [] })) }
    for (const stop of ['codenarc.DeadCode', 'warning', 'not-reviewed'])
      await assert.rejects(refuse('good', stop, none), { code: 'lint.notReviewed' })
    await refuse('good', '', none)
    await refuse('good', 'error', none)
    await refuseFindings(await scripts({ 'a.js': 'x' }), readLintCodes('codenarc.DeadCode'), none)
  })

  it('is stopped by rules of ours as before', async () => {
    assert.equal(lintRules['not-reviewed'].severity, 'warning')
    await assert.rejects(refuse(`Eval.me('1')`, 'codenarc.DeadCode,error'), { message: /dynamic-code at a\.groovy:1/ })
  })
})
