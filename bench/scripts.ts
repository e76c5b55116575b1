/** What a step with a script costs a message, beside the same script in a loop on a bare JVM. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { hostClasses } from '../src/scripts/host-jar.ts'
import { findJava } from '../src/scripts/index.ts'
import { flowBundle, mainProcess, messageEnd, messageStart, senderChannel, step } from '../test/kit/bundle.ts'
import { temporaryFolder } from '../test/kit/temporary-folder.ts'
import type { Load } from './load.ts'
import { loadFrom } from './load-process.ts'
import { best, line, ratio } from './report.ts'

const groovy = `def processData(message) {\n  message.setBody(message.getBody(String) + '!')\n  return message\n}\n`
const javaScript = `export function processData(message) {\n  message.setBody(message.getBody() + '!')\n  return message\n}\n`

const flow = (name: string, subActivityType?: string, script?: string): Promise<Buffer> =>
  flowBundle({
    id: `Bench_${name}`,
    ...(script !== undefined && { files: { [name]: script } }),
    channels: [senderChannel('HTTPS', { urlPath: `/bench/${name}`, xsrfProtection: '0' })],
    processes: [
      mainProcess([
        messageStart(),
        ...(subActivityType === undefined
          ? []
          : [step('Script', 'Script', { subActivityType, script: name, scriptFunction: '', scriptBundleId: '' })]),
        messageEnd(),
      ]),
    ],
  })

/** The flows that are measured: with nothing between its ends, with a line of Groovy, with a line of JavaScript. */
export const scriptFlows = (): Promise<readonly Buffer[]> =>
  Promise.all([flow('nothing'), flow('line.groovy', 'GroovyScript', groovy), flow('line.js', 'JavaScript', javaScript)])

/** Calls a second of the Groovy script, by one thread. */
async function bareLoop(body: string): Promise<number> {
  const folder = temporaryFolder('bench')
  const file = join(folder, 'line.groovy')
  await writeFile(file, groovy)
  const java = await findJava(process.env)
  const { classPath } = await hostClasses(java, folder)
  const loop = join(import.meta.dirname, 'bare-loop.groovy')
  const given = ['-cp', classPath, 'groovy.ui.GroovyMain', loop, file, body, '200000', '1000000']
  return Number((await promisify(execFile)(java.path, given)).stdout)
}

/** Rates with short bodies, 32 at a time; then what a script adds to a message of 10 kB that comes alone. */
export async function compareScripts(given: {
  readonly target: Pick<Load, 'port' | 'ca' | 'cert' | 'key'>
  readonly seconds: number
  readonly rounds: number
}): Promise<void> {
  const { target, seconds, rounds } = given
  const measure = async (name: string, body: string, connections: number) => {
    const results = []
    const load = { ...target, path: `/http/bench/${name}`, body, connections, warmUp: 3_000, duration: seconds * 1000 }
    for (let round = 0; round < rounds; round++) results.push(await loadFrom(load))
    return best(results)
  }
  const short = 'x'.repeat(100)
  const long = 'x'.repeat(10_000)
  console.log('\n(e) a script of one line')
  const bare = await bareLoop(short)
  console.log(`  bare JVM, in a loop       ${bare.toFixed(0).padStart(10)} calls/s`)
  for (const name of ['nothing', 'line.groovy', 'line.js']) {
    const result = await measure(name, short, 32)
    console.log(line(`  flow with ${name}`, result))
    if (name === 'line.groovy') console.log(ratio(result.rate, bare))
  }
  const alone = (await measure('nothing', long, 1)).p50
  for (const name of ['line.groovy', 'line.js']) {
    const added = (await measure(name, long, 1)).p50 - alone
    console.log(`  ${name} adds to 10 kB`.padEnd(28) + `${added.toFixed(3).padStart(8)} ms (median)`)
  }
}
