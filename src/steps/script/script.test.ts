import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { ScriptService } from '../../flow/index.ts'
import { Body } from '../../message/index.ts'
import { runStep, services } from '../../../test/kit/step.ts'
import { script } from './script.ts'

test('a script is compiled once, with its defaults, and changes the message', async () => {
  const cases: readonly [subActivity: string, properties: Record<string, string>, expected: object][] = [
    [
      'GroovyScript',
      { script: 'a.groovy' },
      { language: 'groovy', file: 'a.groovy', functionName: 'processData', collection: '' },
    ],
    [
      '',
      { script: 'a.gsh', scriptFunction: 'go' },
      { language: 'groovy', file: 'a.gsh', functionName: 'go', collection: '' },
    ],
    [
      'JavaScript',
      { script: 'a.js', scriptBundleId: 'Shared' },
      { language: 'javascript', file: 'a.js', functionName: 'processData', collection: 'Shared' },
    ],
    [
      'GroovyScript',
      { script: 'lib/a.ts' },
      { language: 'javascript', file: 'lib/a.ts', functionName: 'processData', collection: '' },
    ],
  ]
  for (const [subActivity, properties, expected] of cases) {
    const asked: object[] = []
    const compile: ScriptService['compile'] = async ({ bundle: _bundle, ...given }) => {
      asked.push(given)
      return {
        async run(exchange) {
          exchange.body = Body.ofText('changed')
        },
      }
    }
    const { exchange } = await runStep(script, {
      properties,
      element: { activity: 'Script', subActivity },
      context: { services: services({ scripts: { compile } }) },
    })
    assert.deepEqual(asked, [expected])
    assert.equal(exchange.body.text(), 'changed')
  }
})

test('a script without a file is refused', async () => {
  await assert.rejects(runStep(script, { properties: { script: '' } }), /'script' must not be empty/)
})
