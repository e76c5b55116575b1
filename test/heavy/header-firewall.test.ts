/**
 * Whatever headers a caller sends, and whatever a flow allows, none that holds a credential or steers reaches a flow or
 * a backend. `secrets.test.ts` sends the well-known ones once; here names, spelling, order and number are drawn.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import * as fc from 'fast-check'

import {
  externalCall,
  flowBundle,
  groovyScript,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  senderChannel,
} from '../kit/bundle.ts'
import { createApiCaller, keyFile } from '../kit/caller.ts'
import { deploy } from '../kit/deploy.ts'
import { callOnce, type Credential } from '../kit/door-call.ts'
import { clientCert, create } from '../kit/door-world.ts'
import { type Backend, startBackend } from '../kit/flows.ts'
import { type OpensslAuthority, opensslAuthority } from '../kit/openssl.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

/** Lists of allowed headers, and whether they let an ordinary header through. */
const lists: readonly (readonly [list: string, ordinary: boolean])[] = [
  ['*', true],
  ['.*', true],
  ['Authorization', false],
  ['aUTHORIZATION|cOOKIE|pROXY-aUTHORIZATION', false],
  ['Authorization|Cookie|.*[Cc]ert.*|SSL.*|ssl.*', false],
  ['(?i).*', true],
  ['[A-Za-z_-]*|X-Mine', true],
]
const idOf = (index: number): string => `Firewall_${index}`

const script = `import com.sap.gateway.ip.core.customdev.util.Message
def Message processData(Message message) {
  def lines = message.getHeaders().collect { name, value -> 'header ' + name + '=' + value }
  lines += message.getProperties().collect { name, value -> 'property ' + name + '=' + value }
  message.setBody(lines.join('\\n'))
  return message
}
`

/** Marks everything that must not arrive. */
const forged = 'F0rg3d'
/** Names that hold a credential or say who calls, and names that steer a flow. */
const credentials = [
  'proxy-authorization',
  'cookie',
  'cookie2',
  'x-csrf-token',
  'sap-connectivity-authentication',
  'sap-connectivity-technical-authentication',
  'client-cert',
  'client-cert-chain',
  'ssl-client-cert',
  'ssl-client-s-dn',
  'ssl-client-verify',
  'x-ssl-client-cert',
  'x-ssl-cert',
  'x-client-cert',
  'x-forwarded-client-cert',
  'x-arr-clientcert',
  'x-forwarded-for',
  'x-real-ip',
  'forwarded',
]
const steering = [
  'CamelHttpUri',
  'CamelHttpMethod',
  'CamelHttpQuery',
  'CamelFileName',
  'camelanything',
  'org.apache.camel.Exchange',
  'SapAuthenticatedUserName',
  'SAP_MessageProcessingLogID',
  'SAP_ProcessDirectAddress',
  'SapDataStoreId',
  'SAPJMSRetries',
]

const spelled = (name: string) =>
  fc.array(fc.nat(3), { minLength: name.length, maxLength: name.length }).map((draws) =>
    Array.from(name)
      .map((letter, at) => {
        const draw = draws[at] ?? 0
        if (letter === '-') return draw > 1 ? '_' : '-'
        return draw % 2 === 0 ? letter.toLowerCase() : letter.toUpperCase()
      })
      .join(''),
  )

const cased = (name: string) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) =>
      Array.from(name, (letter, at) => (upper[at] ? letter.toUpperCase() : letter.toLowerCase())).join(''),
    )

const suffix = fc.string({ unit: fc.constantFrom(...Array.from('abcxyz-_019')), minLength: 1, maxLength: 8 })

const name = fc.oneof(
  fc.constantFrom(...credentials).chain(spelled),
  suffix.chain((end) => spelled(`ssl-client-${end}`)),
  suffix.chain((end) => spelled(`x-ssl-client-${end}`)),
  fc.constantFrom(...steering).chain(cased),
  suffix.chain((end) => cased(`camel${end}`)),
  suffix.chain((end) => cased(`sap_${end}`)),
)
const headers = fc.array(
  fc.tuple(name, fc.nat(999)).map(([each, number]) => [each, `${forged}${number}`] as const),
  { minLength: 1, maxLength: 12 },
)

let sluice: RunningSluice
let backend: Backend
let authority: OpensslAuthority
let ca: string
let ways: Readonly<Record<string, Credential>>
let authorization: string

before(async () => {
  backend = await startBackend()
  sluice = await startSluice()
  authority = opensslAuthority('/O=Firewall/CN=Firewall CA')
  ca = readFileSync(sluice.file('ca.pem'), 'utf8')
  const cert = readFileSync(sluice.file('client.pem'), 'utf8')
  const key = readFileSync(sluice.file('client.key'), 'utf8')
  const { clientid, clientsecret } = keyFile(sluice, 'service-key.json')
  authorization = `Basic ${Buffer.from(`${clientid}:${clientsecret}`).toString('base64')}`
  const api = createApiCaller(sluice)
  const proxy = authority.issue({ subject: '/O=Firewall/CN=proxy' })
  await create(api, 'TrustAnchors', { Name: 'Firewall', Certificate: authority.certificate })
  await create(api, 'TrustedProxies', { Name: 'front', Certificate: proxy.cert })
  api.close()
  ways = {
    certificate: { cert, key },
    secret: {},
    both: { cert, key },
    proxy: { ...proxy, headers: [clientCert(cert)] },
  }
  await deploy(
    sluice,
    ...(await Promise.all(
      lists.map(([allowedHeaderList], index) =>
        flowBundle({
          id: idOf(index),
          settings: { allowedHeaderList },
          channels: [
            senderChannel('HTTPS', { urlPath: `/firewall/${index}`, xsrfProtection: '0' }),
            receiverChannel('HTTP', 'Call', {
              httpAddressWithoutQuery: backend.url,
              httpMethod: 'POST',
              authenticationMethod: 'None',
              httpRequestTimeout: '5000',
              proxyType: 'default',
              allowedRequestHeaders: '*',
              allowedResponseHeaders: '',
            }),
          ],
          processes: [
            mainProcess([messageStart(), groovyScript('Script', 'dump.groovy'), externalCall('Call'), messageEnd()]),
          ],
          files: { 'dump.groovy': script },
        }),
      ),
    )),
  )
})
after(async () => {
  await sluice?.dispose()
  await backend?.close()
  authority?.dispose()
})

const plain = (each: string): string => each.toLowerCase().replaceAll('_', '-')
const isCredential = (each: string): boolean =>
  /^(?:authorization|proxy-authorization|cookie2?|x-csrf-token|sap-connectivity.*|.*client-?cert.*|x?-?ssl-c.*|forwarded|x-real-ip)$/.test(
    plain(each),
  )

/** Told to every backend, with values of our own. */
const ours = new Set(['sap_messageprocessinglogid', 'sap_mplcorrelationid'])

/** What of a call got through that must not. */
function leaks(dump: string, handedOn: Readonly<Record<string, unknown>>): string[] {
  const seen = dump.split('\n').flatMap((line) => /^header ([^=]*)=/.exec(line)?.[1] ?? [])
  const secret = authorization.slice(6)
  return [
    ...seen.filter(isCredential).map((each) => `flow: ${each}`),
    ...Object.keys(handedOn)
      .filter((each) => isCredential(each) || (/^camel|^sap_/i.test(each) && !ours.has(each)))
      .map((each) => `backend: ${each}`),
    ...[dump, JSON.stringify(handedOn)].flatMap((text) =>
      [forged, secret].filter((each) => text.includes(each)).map((each) => `value ${each} in ${text}`),
    ),
  ]
}

describe('headers of a caller', () => {
  for (const [index, [list, ordinary]] of lists.entries())
    it(`reach a flow that allows ${list}, but for those that hold a credential or steer`, async () => {
      await fc.assert(
        fc.asyncProperty(
          headers,
          fc.constantFrom(...Object.keys(ways)),
          cased('authorization'),
          fc.nat(12),
          async (drawn, way, spelling, place) => {
            const isProxy = way === 'proxy'
            // A trusted proxy is listened to: what it says of its client is another test.
            const sent = drawn.filter(
              ([each]) => !(isProxy && /^(client.cert|ssl.client.cert|x.forwarded.for)/i.test(each)),
            )
            const more = way === 'secret' || way === 'both' ? [[spelling, authorization] as const] : []
            const before = backend.headers().length
            const { status, text } = await callOnce(sluice.runtimeUrl, {
              ca,
              path: `/http/firewall/${index}`,
              credential: ways[way] ?? {},
              headers: [...sent.slice(0, place), ...more, ['X-Mine', 'seen'], ...sent.slice(place)],
              body: 'x',
            })
            assert.equal(status, 200, text)
            const handedOn = backend.headers()[before] ?? {}
            assert.deepEqual(leaks(text, handedOn), [])
            assert.equal(/^backend (?:.*\n)*?header x-mine=seen$/im.test(text), ordinary, text)
            assert.equal(handedOn['x-mine'], ordinary ? 'seen' : undefined)
          },
        ),
        { numRuns: 150 },
      )
    })

  it('are refused where the Authorization header comes twice, in whatever spelling', async () => {
    await fc.assert(
      fc.asyncProperty(cased('authorization'), cased('authorization'), async (one, other) => {
        const { status } = await callOnce(sluice.runtimeUrl, {
          ca,
          path: '/http/firewall/0',
          credential: {},
          headers: [
            [one, authorization],
            [other, authorization],
          ],
        })
        assert.equal(status, 401)
      }),
      { numRuns: 20 },
    )
  })

  it('say who calls by our word alone', async () => {
    const { text } = await callOnce(sluice.runtimeUrl, {
      ca,
      path: '/http/firewall/0',
      credential: ways['certificate'] ?? {},
      headers: [['SapAuthenticatedUserName', forged]],
      body: 'x',
    })
    const { clientid } = keyFile(sluice, 'service-key.json')
    assert.match(text, new RegExp(`^header SapAuthenticatedUserName=${clientid.replaceAll(/[!|]/g, '\\$&')}$`, 'm'))
  })
})
