import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { services, testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { Fault, silentLog } from '../base/index.ts'
import type { Services } from '../flow/index.ts'
import { Exchange } from '../message/index.ts'
import { createGroovyHost, createScripts, findJava, type GroovyHost, serviceCalls } from './index.ts'

const java = await findJava(process.env).catch(() => undefined)

type Ports = Pick<Services, 'partnerDirectory' | 'numberRanges' | 'dataStores' | 'accessTokens' | 'businessDocuments'>

/** What a script was answered says what it asked for; what it only tells goes to `told`. */
function portsWith(told: unknown[]): Required<Ports> {
  const said = async (...words: readonly unknown[]): Promise<void> => void told.push(words)
  return {
    partnerDirectory: {
      async parameter(partner, name, type) {
        if (name === 'none') return undefined
        return type === 'string' ? `${partner}.${name}` : { data: Buffer.from(partner), mimeType: 'text/plain' }
      },
      partnerOf: async (...asked) => (asked[0] === 'none' ? undefined : asked.join()),
      alternativeOf: async (...asked) => asked.join(),
      partnerOfUser: async (user) => `partner of ${user}`,
      usersOf: async (partner) => [partner, 'another'],
    },
    numberRanges: {
      async next(name) {
        if (name === 'spent')
          throw new Fault({ code: 'x.spent', kind: 'exhausted', message: 'It is spent.', remedy: '' })
        return `000${name.length}`
      },
    },
    dataStores: {
      async get(store, id) {
        if (id === 'none') return undefined
        return { data: Buffer.from(`${store}/${id}`), headers: new Map([['h', 'v']]) }
      },
      put: ({ data, headers, ...entry }) => said('put', entry, data.toString(), Object.fromEntries(headers)),
      remove: (store, id) => said('remove', store, id),
    },
    accessTokens: { token: async (grant, alias) => ({ accessToken: `${grant} ${alias}`, user: 'ann' }) },
    businessDocuments: { record: ({ type, facts }) => said(type, facts) },
  }
}

const partners = `ITApiFactory.getApi(com.sap.it.api.pd.PartnerDirectoryService, null)`
const ranges = `ITApiFactory.getService(com.sap.it.api.nrc.NumberRangeConfigurationService, null)`
const stores = `new com.sap.it.api.asdk.runtime.Factory(com.sap.it.api.asdk.datastore.DataStoreService).getService()`
const store = `ITApiFactory.getService(com.sap.it.api.securestore.SecureStoreService, null)`
const monitor = `ITApiFactory.getService(com.sap.it.op.b2b.monitor.api.B2BMonitoringApi, null)`
const data = `new com.sap.it.api.asdk.datastore`

/** Lines that yield a value, its text, and what else was told. */
const uses: readonly [lines: string, expected: string, told?: readonly unknown[]][] = [
  [`${partners}.getParameter('url', 'acme', String)`, 'acme.url'],
  [
    `def b = ${partners}.getParameter('xsl', 'acme', com.sap.it.api.pd.BinaryData); new String(b.data) + b.mimeType`,
    'acmetext/plain',
  ],
  [`${partners}.getParameter('none', 'acme', String)`, 'null'],
  [`${partners}.getPartnerId('a', 's', 'i')`, 'a,s,i'],
  [`${partners}.getPartnerId('none', 's', 'i')`, 'null'],
  [`${partners}.getAlternativePartnerId('a', 's', 'p')`, 'a,s,p'],
  [`${partners}.getPartnerIdOfAuthorizedUser('u')`, 'partner of u'],
  [`${partners}.getAuthorizedUsers('p')`, '[p, another]'],
  [`${ranges}.getNextValuefromNumberRange('Orders', null)`, '0006'],
  [`try { ${ranges}.getNextValuefromNumberRange('spent', null) } catch (e) { e.message }`, 'It is spent.'],
  [`def e = ${stores}.get('s', 'i'); new String(e.dataAsArray) + e.headers`, 's/i[h:v]'],
  [`${stores}.get('s', 'none')`, 'null'],
  [
    `def c = ${data}.DataConfig(storeName: 's', id: 'i', overwrite: true, expires: 7); ${stores}.put(${data}.DataBean(dataAsArray: 'x'.bytes, headers: [h: 1]), c)`,
    'null',
    [['put', { store: 's', id: 'i', overwrite: true, expires: 7 }, 'x', { h: '1' }]],
  ],
  [`${stores}.delete('s', 'i')`, 'null', [['remove', 's', 'i']]],
  [
    `def t = ${store}.getAccesTokenForOauth2AuthorizationCodeCredential('mail'); t.accessToken + t.user`,
    'authorizationCode mailann',
  ],
  [`${store}.getAccesTokenForOauth2ClientCredential('c').accessToken`, 'clientCredentials c'],
]

describe(`services of scripts${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  const cacheFolder = temporaryFolder('services')
  let host: GroovyHost
  before(() => {
    host = createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls })
  })
  after(async () => {
    await host.close()
  })
  if (java === undefined) return

  async function made(lines: string, ports: Ports): Promise<string> {
    const source = `import com.sap.it.api.ITApiFactory
def result(message) { ${lines} }
def processData(message) { message.setBody(String.valueOf(result(message))); message }`
    const bundle = await bundleOf({ id: 'Uses', processes: [], files: { 'use.groovy': source } })
    const scripts = createScripts({ host, collections: () => undefined })
    const given = { language: 'groovy', bundle, file: 'use.groovy', functionName: '', collection: '' } as const
    const exchange = new Exchange()
    await (await scripts.compile(given)).run(exchange, testRun({ services: services(ports) }))
    return exchange.body.text()
  }

  for (const [lines, expected, told = []] of uses)
    it(`answer ${lines.slice(0, 150)}`, async () => {
      const heard: unknown[] = []
      assert.equal(await made(lines, portsWith(heard)), expected)
      assert.deepEqual(heard, told)
    })

  it('are told of business documents', async () => {
    const heard: unknown[] = []
    const event = `def e = ${monitor}.createBusinessDocumentCreateEvent()`
    await made(`${event}; e.submit()`, portsWith(heard))
    assert.equal(heard.length, 1)
  })

  for (const [name, lines] of [
    ['partner directory', `${partners}.getParameter('url', 'acme', String)`],
    ['partner directory', `${partners}.getAuthorizedUsers('p')`],
    ['number ranges', `${ranges}.getNextValuefromNumberRange('Orders', null)`],
    ['data stores', `${stores}.get('s', 'i')`],
    ['access tokens', `${store}.getAccesTokenForOauth2AuthorizationCodeCredential('mail')`],
    ['monitor of business documents', `${monitor}.createBusinessDocumentCreateEvent().submit()`],
  ] as const)
    it(`say that there is no ${name}: ${lines.slice(0, 120)}`, async () => {
      const message = new RegExp(`Not available: this tenant has no ${name} for scripts yet`)
      await assert.rejects(made(lines, {}), { code: 'scripts.failed', message })
    })
})
