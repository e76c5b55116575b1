/**
 * Compiles every distinct Groovy script of published packages, and compares what scripts make of messages in plain
 * Groovy with what they make of them in Sluice.
 *
 *   node tools/compile-scripts.ts <Git directory of the packages> [--groovy auto|2.4|4] [--differential] [--most <scripts to compare>] [--check]
 *
 * With `--check` it fails where less than 97 % compile or, with `--differential`, less than 100 are compared.
 */
import { parseArgs } from 'node:util'

import { silentLog } from '../src/base/index.ts'
import type { GroovyChoice } from '../src/scripts/groovy.ts'
import { createGroovyHost, serviceCalls } from '../src/scripts/index.ts'
import { temporaryFolder } from '../test/kit/temporary-folder.ts'
import { compileAll } from './compile-scripts/compile.ts'
import { compareWithPlain } from './compile-scripts/differential.ts'
import { publishedScripts } from './compile-scripts/published-scripts.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    groovy: { type: 'string', default: 'auto' },
    differential: { type: 'boolean', default: false },
    most: { type: 'string', default: '100000' },
    check: { type: 'boolean', default: false },
  },
})
const [gitFolder] = positionals
if (gitFolder === undefined || !['auto', '2.4', '4'].includes(values.groovy)) {
  console.error('usage: node tools/compile-scripts.ts <git directory> [--groovy auto|2.4|4] [--differential] [--check]')
  process.exit(2)
}
const groovy = values.groovy as GroovyChoice
const cacheFolder = temporaryFolder('compile')
const host = createGroovyHost({
  cacheFolder,
  log: silentLog,
  calls: serviceCalls,
  groovy,
  maxHeapMb: 1024,
  callTimeoutMs: 20_000,
})
try {
  const { scripts, total, unread } = await publishedScripts(gitFolder)
  for (const archive of unread) console.log(`no bundle: ${archive}`)
  const failures = await compileAll(host, scripts)
  for (const { script, why } of failures) console.log(`${script.archive}: ${script.folder.bundleId}\n  ${why}`)
  const share = ((100 * (scripts.length - failures.length)) / scripts.length).toFixed(1)
  console.log(
    `${scripts.length - failures.length} of ${scripts.length} distinct scripts (${total} in all) compile with Groovy ${await host.groovy()}: ${share} %`,
  )
  if (values.check && failures.length > scripts.length * 0.03) process.exitCode = 1
  if (values.differential) {
    const { compared, differences } = await compareWithPlain(host, scripts.slice(0, Number(values.most)), {
      cacheFolder,
      groovy,
    })
    for (const { script, plain, sluice } of differences) console.log(`${script.archive}: ${script.file}`, plain, sluice)
    console.log(`${compared} scripts compared with plain Groovy, ${differences.length} differences`)
    if (differences.length > 0 || (values.check && compared < 100)) process.exitCode = 1
  }
} finally {
  await host.close()
}
