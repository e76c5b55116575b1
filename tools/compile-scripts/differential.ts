import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { testRun } from '../../test/kit/step.ts'
import { Body, Exchange, plainText } from '../../src/message/index.ts'
import { hostClasses } from '../../src/scripts/host-jar.ts'
import { findJava, type GroovyHost } from '../../src/scripts/index.ts'
import type { GroovyChoice } from '../../src/scripts/groovy.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import type { PublishedScript } from './published-scripts.ts'

/** What a script made of a message, in text. */
interface Made {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly properties: Readonly<Record<string, string>>
}

export interface Difference {
  readonly script: PublishedScript
  readonly plain: Made
  readonly sluice: Made | string
}

export interface DifferentialResult {
  /** Scripts that do not fail in plain Groovy and yield the same each time. */
  readonly compared: number
  readonly differences: readonly Difference[]
}

const headers = { 'Content-Type': 'text/plain', order: '4711', SAP_MessageProcessingLogID: 'AGAB' }
const properties = { name: 'value', count: '3', flag: 'true', payload: '<a>1</a>' }
const bodies = {
  xml: '<root><item id="1"><name>a</name><value>1</value></item><item id="2"><name>b</name><value>2</value></item></root>',
  json: '{"root":{"item":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}}',
  text: 'id;name\n1;a\n2;größe\n',
} as const

/** What such a script makes depends on when it runs (archives hold the time of their entries), or on chance. */
const byChance =
  /new (?:java\.util\.)?Date\(\)|Calendar|currentTimeMillis|nanoTime|\bnow\(|[Rr]andom|identityHashCode|ZipEntry/

/** A body of the kind that the script reads. */
function bodyFor({ source }: PublishedScript): string {
  const words = source.toString('latin1')
  if (/JsonSlurper|JSONObject/.test(words)) return bodies.json
  return /XmlSlurper|XmlParser|DocumentBuilder/.test(words) ? bodies.xml : bodies.text
}

/** Runs each script with the same message in plain Groovy and in the host, and compares what it leaves. */
export async function compareWithPlain(
  host: GroovyHost,
  scripts: readonly PublishedScript[],
  given: { readonly cacheFolder: string; readonly groovy: GroovyChoice },
): Promise<DifferentialResult> {
  const runs = scripts
    .filter(
      ({ source }) => /\bprocessData\s*\(/.test(source.toString('latin1')) && !byChance.test(source.toString('latin1')),
    )
    .map((script) => ({ script, body: bodyFor(script) }))
  const plainly = await plainRuns(runs, given)
  const compared = new Set<PublishedScript>()
  const differences: Difference[] = []
  for (const [number, { script, body }] of runs.entries()) {
    const plain = plainly[number]
    if (!plain) continue
    compared.add(script)
    const sluice = await hostRun(host, script, body)
    if (typeof sluice === 'string' || !isSame(plain, sluice)) differences.push({ script, plain, sluice })
  }
  return { compared: compared.size, differences }
}

/** What plain Groovy makes; null where the script fails, takes long, or makes something else each time. */
async function plainRuns(
  runs: readonly { readonly script: PublishedScript; readonly body: string }[],
  { cacheFolder, groovy }: { readonly cacheFolder: string; readonly groovy: GroovyChoice },
): Promise<readonly (Made | null)[]> {
  const java = await findJava(process.env)
  const { classPath } = await hostClasses(java, cacheFolder, groovy)
  const folder = temporaryFolder('plain')
  const [input, output] = [join(folder, 'runs.json'), join(folder, 'answers.json')]
  const source = (script: PublishedScript) => script.source.toString('utf8')
  const list = runs.map(({ script, body }) => ({
    source: source(script),
    function: 'processData',
    body,
    headers,
    properties,
  }))
  await writeFile(input, JSON.stringify(list))
  const driver = join(import.meta.dirname, 'plain.groovy')
  await promisify(execFile)(
    java.path,
    [
      '-Xmx1g',
      '-Dfile.encoding=UTF-8',
      '-Duser.timezone=UTC',
      '-cp',
      classPath,
      'groovy.ui.GroovyMain',
      driver,
      input,
      output,
    ],
    { env: {}, cwd: folder, timeout: 600_000 },
  )
  return JSON.parse(await readFile(output, 'utf8')) as readonly (Made | null)[]
}

async function hostRun(host: GroovyHost, { folder, file }: PublishedScript, body: string): Promise<Made | string> {
  const exchange = new Exchange({
    body: Body.ofText(body),
    headers: Object.entries(headers),
    properties: Object.entries(properties),
  })
  const cleanups: (() => void | Promise<void>)[] = []
  try {
    const run = testRun({ messageId: `m${Math.random()}`, cleanups })
    await host.run({ folder, file, functionName: 'processData' }, exchange, run)
    return { body: exchange.body.text(), headers: shown(exchange.headers), properties: shown(exchange.properties) }
  } catch (error) {
    return String(error)
  } finally {
    for (const cleanup of cleanups) await cleanup()
  }
}

const shown = (values: Iterable<readonly [string, unknown]>): Made['headers'] =>
  Object.fromEntries(
    Array.from(values).flatMap(([name, value]) => {
      if (value === null || value === undefined) return []
      if (value instanceof Date) return [[name, String(value.getTime())]]
      return [[name, Buffer.isBuffer(value) ? value.toString() : plainText(value)]]
    }),
  )

const sorted = (values: Made['headers'], nameOf: (name: string) => string = (name) => name): string =>
  Object.entries(values)
    .map(([name, value]) => JSON.stringify([nameOf(name), value]))
    .sort((a, b) => (a < b ? -1 : 1))
    .join()

const isSame = (plain: Made, sluice: Made): boolean =>
  plain.body === sluice.body &&
  sorted(plain.headers, (name) => name.toLowerCase()) === sorted(sluice.headers, (name) => name.toLowerCase()) &&
  sorted(plain.properties) === sorted(sluice.properties)
