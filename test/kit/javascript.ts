/** Runs scripts in JavaScript on messages, with a host of the test's own. */
import assert from 'node:assert/strict'

import type { Run } from '../../src/flow/index.ts'
import { Exchange } from '../../src/message/index.ts'
import type { JavaScriptHost } from '../../src/scripts/javascript/javascript-host.ts'
import { createScripts } from '../../src/scripts/scripts.ts'
import { bundleOf } from './bundle.ts'
import { testRun } from './step.ts'

export const scriptRoot = 'src/main/resources/script/'

/** A script of the kind that stands alone. */
export const processData = (code: string): string => `function processData(message) {\n${code}\nreturn message }`

export interface ScriptGiven extends Partial<Run> {
  readonly functionName?: string
  readonly file?: string
  /** Other scripts of the bundle. */
  readonly files?: Readonly<Record<string, string>>
}

export const noGroovy = { compile: async () => assert.fail('Groovy'), run: async () => assert.fail('Groovy') }

/** Compiles a script and runs it once. */
export async function runJavaScript(
  host: JavaScriptHost,
  source: string,
  exchange = new Exchange(),
  given: ScriptGiven = {},
): Promise<Exchange> {
  const { functionName = '', file = 'script.js', files = {}, ...rest } = given
  const scripts = createScripts({ host: noGroovy, javaScript: host, collections: () => undefined })
  const paths = Object.entries({ ...files, [file]: source }).map(([name, text]) => [`${scriptRoot}${name}`, text])
  const bundle = await bundleOf({ id: 'Scripts', processes: [], files: Object.fromEntries(paths) })
  const compiled = await scripts.compile({ language: 'javascript', bundle, file, functionName, collection: '' })
  await compiled.run(exchange, testRun(rest))
  return exchange
}
