import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { silentLog } from '../base/index.ts'
import { Exchange } from '../message/index.ts'
import { createGroovyHost, createScripts, findJava, type GroovyHost, serviceCalls } from './index.ts'

const java = await findJava(process.env).catch(() => undefined)

/** Name, lines that yield a value, and its text. */
const uses: readonly [name: string, lines: string, expected: string | RegExp][] = [
  ['the raw exchange', `message.exchange.context.name + message.exchange.in.getHeader('h')`, 'TestFlowv'],
  [
    'a Simple expression',
    "org.apache.camel.builder.SimpleBuilder.simple('<${header.h}>').evaluate(message.exchange, String)",
    '<v>',
  ],
  ['a class of another script', `new src.main.resources.script.Helper().twice(21)`, '42'],
  ['names of Groovy 4', `new groovy.xml.XmlParser().parseText('<a/>').name()`, 'a'],
  ['names of Groovy 2.4', `new groovy.util.XmlSlurper().parseText('<a>1</a>').text()`, '1'],
  [
    'the way through OSGi',
    `org.osgi.framework.FrameworkUtil.getBundle(Object).bundleContext.getServiceReference('no.Such')`,
    'null',
  ],
  [
    'number ranges that the tenant lacks',
    `try { com.sap.it.api.ITApiFactory.getApi(com.sap.it.api.nrc.NumberRangeConfigurationService, null).getNextValuefromNumberRange('N', null) } catch (e) { return e.class.simpleName + ' ' + e.message }`,
    /^NumberRangeConfigException Not available: this tenant has no number ranges/,
  ],
  ['properties of the system', `com.sap.it.scripts.system.Properties.getProperty('user.home')`, 'null'],
]

describe(`the API of scripts${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  let cacheFolder: string
  let host: GroovyHost
  before(() => {
    cacheFolder = temporaryFolder('api')
    host = createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls })
  })
  after(async () => {
    await host.close()
  })
  if (java === undefined) return
  for (const [name, lines, expected] of uses) {
    it(`has ${name}`, async () => {
      const files = {
        'use.groovy': `def result(message) { ${lines} }\ndef processData(message) { message.setBody(String.valueOf(result(message))); message }`,
        'Helper.groovy': 'package src.main.resources.script\nclass Helper { int twice(int n) { n * 2 } }',
      }
      const bundle = await bundleOf({ id: 'Uses', processes: [], files })
      const scripts = createScripts({ host, collections: () => undefined })
      const given = { language: 'groovy', bundle, file: 'use.groovy', functionName: '', collection: '' } as const
      const exchange = new Exchange({ headers: [['h', 'v']] })
      await (await scripts.compile(given)).run(exchange, testRun({ messageId: 'm' }))
      if (typeof expected === 'string') assert.equal(exchange.body.text(), expected)
      else assert.match(exchange.body.text(), expected)
    })
  }
})
