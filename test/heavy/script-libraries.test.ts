/** What scripts may use besides their own code, inside the guarded host. Needs Java. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'

import { flowBundle, groovyScript, mainProcess, messageEnd, messageStart, senderChannel } from '../kit/bundle.ts'
import { type Caller, createCaller } from '../kit/caller.ts'
import { deploy } from '../kit/deploy.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

/** Name, imports, expression over the body `b`, and what it must yield for the body `<a>x &amp; y</a>`. */
const uses: readonly [name: string, imports: string, expression: string, expected: string][] = [
  ['XmlSlurper', '', 'new XmlSlurper().parseText(b).text()', 'x & y'],
  ['XmlParser', '', 'new XmlParser().parseText(b).name()', 'a'],
  ['JsonSlurper', 'import groovy.json.JsonSlurper', `new JsonSlurper().parseText('{"k":[1,2]}').k.sum()`, '3'],
  ['MarkupBuilder', '', 'def w = new StringWriter(); new groovy.xml.MarkupBuilder(w).r(1); w', '<r>1</r>'],
  ['Date.parse', '', `Date.parse('yyyy-MM-dd HH:mm:ssZ', '1970-01-02 00:00:00+0000').time`, '86400000'],
  [
    'java.time',
    'import java.time.*',
    `ZonedDateTime.parse('2024-06-01T12:00:00+02:00[Europe/Berlin]').toInstant()`,
    '2024-06-01T10:00:00Z',
  ],
  [
    'MessageDigest',
    'import java.security.MessageDigest',
    `MessageDigest.getInstance('SHA-256').digest('a'.bytes).encodeHex().toString().take(8)`,
    'ca978112',
  ],
  [
    'slf4j',
    'import org.slf4j.*',
    `Logger log = LoggerFactory.getLogger(getClass()); log.error('{} failed', 1, new Exception('e')); log.isErrorEnabled()`,
    'true',
  ],
  [
    'escapeXml',
    'import org.apache.commons.lang.StringEscapeUtils',
    `StringEscapeUtils.escapeXml("<'\\"&>")`,
    '&lt;&apos;&quot;&amp;&gt;',
  ],
  [
    'unescapeXml',
    'import org.apache.commons.lang.StringEscapeUtils',
    `StringEscapeUtils.unescapeXml('&lt;&#65;&#x42;&none;&amp;lt;')`,
    '<AB&none;&lt;',
  ],
]

const flow = (name: string, imports: string, expression: string) =>
  flowBundle({
    id: `Use_${name}`,
    channels: [senderChannel('HTTPS', { urlPath: `/uses/${name}`, xsrfProtection: '0' })],
    processes: [mainProcess([messageStart(), groovyScript('Script', 'use.groovy'), messageEnd()])],
    files: {
      'use.groovy': `${imports}
def result(String b) { ${expression} }
def processData(message) {
  message.setBody(String.valueOf(result(message.getBody(String))))
  return message
}
`,
    },
  })

let sluice: RunningSluice
let caller: Caller
before(async () => {
  sluice = await startSluice()
  caller = createCaller(sluice.runtimeUrl, sluice)
  await deploy(
    sluice,
    ...(await Promise.all(uses.map(([name, imports, expression]) => flow(name, imports, expression)))),
  )
})
after(async () => {
  caller?.close()
  await sluice?.dispose()
})

for (const [name, , , expected] of uses)
  it(`scripts use ${name}`, async () => {
    const { status, text } = await caller.call(`/http/uses/${name}`, { body: '<a>x &amp; y</a>' })
    assert.deepEqual([status, text.trim()], [200, expected])
  })
