/**
 * Our own Groovy scripts in plain Groovy and in Sluice. Needs Java. Those of the published packages, which are not on
 * every machine, are compiled and compared by `tools/compile-scripts.ts --differential --check`.
 */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'

import { silentLog } from '../../src/base/index.ts'
import { createGroovyHost, type GroovyHost, serviceCalls } from '../../src/scripts/index.ts'
import { compileAll } from '../../tools/compile-scripts/compile.ts'
import { compareWithPlain } from '../../tools/compile-scripts/differential.ts'
import { distinctScripts } from '../../tools/compile-scripts/published-scripts.ts'
import { bundleOf } from '../kit/bundle.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

/** What real scripts do, each in its own words: name of the script to the lines of its function. */
const own: Readonly<Record<string, string>> = {
  text: `message.setBody(message.getBody(String).toUpperCase())`,
  reader: `message.setBody(message.getBody(java.io.Reader).readLines().reverse().join('|'))`,
  bytes: `message.setHeader('size', message.getBody(byte[]).length)`,
  members: `message.headers.copy = message.headers.order + message.properties.name; message.body = message.body.size() as String`,
  gstring: `def n = message.getProperty('count'); message.setProperty('g', "n=\${n}"); message.setBody("<\${n}>")`,
  numbers: `message.setProperty('sum', [1, 2, 3].sum()); message.setProperty('big', 12345678901L); message.setProperty('dec', 1.50)`,
  collections: `message.setProperty('list', [1, 'a', [b: true]]); message.setHeader('map', [x: 1, y: [2]])`,
  xmlSlurper: `def r = new XmlSlurper().parseText('<a><b x="1">t</b></a>'); message.setBody(r.b.@x.text() + r.b.text()); message.setProperty('node', r.b)`,
  xmlParser: `def r = new XmlParser().parseText('<a><b/></a>'); r.appendNode('c', [k: 'v'], 't'); message.setBody(groovy.xml.XmlUtil.serialize(r))`,
  markup: `def w = new StringWriter(); new groovy.xml.MarkupBuilder(w).r { i(n: 1, 'x & y') }; message.setBody(w.toString())`,
  json: `def o = new groovy.json.JsonSlurper().parseText('{"a":[1,2.5,null,"x"]}'); message.setBody(groovy.json.JsonOutput.toJson(o)); message.setProperty('o', o.a)`,
  jsonBuilder: `message.setBody(new groovy.json.JsonBuilder([k: [1, 2]]).toPrettyString())`,
  stringBuilder: `def b = new StringBuilder('a'); b << 'b'; message.setBody(b); message.setProperty('b', b)`,
  removal: `message.getHeaders().remove('order'); message.getProperties().remove('name')`,
  replaced: `message.setHeaders([only: '1']); message.setProperties([one: '2'])`,
  caseless: `message.setHeader('ORDER', message.getHeaders().get('Order') + '!')`,
  stream: `message.setBody(new ByteArrayInputStream('größe'.getBytes('UTF-8')))`,
  digest: `message.setBody(java.security.MessageDigest.getInstance('SHA-256').digest('a'.bytes).encodeHex().toString())`,
  time: `message.setBody(java.time.LocalDate.parse('2024-02-29').plusYears(1).toString()); message.setProperty('d', new Date(86400000L))`,
  regex: `message.setBody((message.getBody(String) =~ /(\\d+)/).collect { it[1] }.join(','))`,
  nothing: ``,
  nulls: `message.setProperty('none', null); message.setHeader('none', null)`,
  emptied: `message.setBody('')`,
  enumeration: `message.getProperties().each { k, v -> message.setHeader('p_' + k, v) }`,
}

/** Scripts that plain Groovy 4 does not know: their classes changed package. Sluice runs them, too. */
const onlyOld = ['xmlSlurper', 'xmlParser']

const cacheFolder = temporaryFolder('corpus')
const hosts = new Map<'2.4' | '4', GroovyHost>()
const hostFor = (groovy: '2.4' | '4'): GroovyHost => {
  let host = hosts.get(groovy)
  if (host === undefined) {
    host = createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls, groovy, maxHeapMb: 1024 })
    hosts.set(groovy, host)
  }
  return host
}
let bundle: Awaited<ReturnType<typeof bundleOf>>
before(async () => {
  const files = Object.entries(own).map(([name, lines]) => [
    `${name}.groovy`,
    `def processData(message) {\n${lines}\nreturn message\n}`,
  ])
  bundle = await bundleOf({ id: 'Own', processes: [], files: Object.fromEntries(files) })
})
after(async () => {
  for (const host of hosts.values()) await host.close()
})

for (const groovy of ['2.4', '4'] as const) {
  it(`our own scripts make the same in plain Groovy ${groovy} and in Sluice`, async () => {
    const { scripts } = distinctScripts([{ archive: 'own', bundle }])
    assert.deepEqual(await compileAll(hostFor(groovy), scripts), [])
    const { compared, differences } = await compareWithPlain(hostFor(groovy), scripts, { cacheFolder, groovy })
    assert.deepEqual(
      differences.map(({ script: { file }, plain, sluice }) => ({ file, plain, sluice })),
      [],
    )
    assert.equal(compared, Object.keys(own).length - (groovy === '4' ? onlyOld.length : 0))
  })
}
