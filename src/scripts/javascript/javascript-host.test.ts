import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { bundleOf } from '../../../test/kit/bundle.ts'
import { noGroovy, processData, runJavaScript, type ScriptGiven, scriptRoot } from '../../../test/kit/javascript.ts'
import { services, testRun } from '../../../test/kit/step.ts'
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts'
import { Fault, silentLog } from '../../base/index.ts'
import type { Bundle } from '../../flow/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import { createScripts } from '../scripts.ts'
import { serviceCalls } from '../service-calls.ts'
import { JavaMap, ScriptObject } from '../values.ts'
import { createJavaScriptHost, type JavaScriptHost } from './javascript-host.ts'

const original = (code: string): string => `importClass(java.util.HashMap);\n${processData(code)}`

describe('scripts in JavaScript', () => {
  let host: JavaScriptHost
  const cacheFolder = temporaryFolder('javascript')

  before(() => {
    host = createJavaScriptHost({ cacheFolder, log: silentLog, calls: serviceCalls, memoryMb: 32, processes: 2 })
  })
  after(async () => {
    await host.close()
  })

  const run = (source: string, exchange?: Exchange, given?: ScriptGiven): Promise<Exchange> =>
    runJavaScript(host, source, exchange, given)

  describe('of the original', () => {
    it('change body, headers and properties', async () => {
      const exchange = await run(
        `importClass(com.sap.gateway.ip.core.customdev.util.Message);\n${original(`
          var body = String(message.getBody(new java.lang.String().getClass()));
          message.getProperties().put('id', JSON.parse(body).result.id);
          var map = message.getHeaders();
          message.setHeader('seen', map.get('X-NAME') + '!');
          map.remove('gone');
          message.setBody(body.toUpperCase());`)}`,
        new Exchange({
          body: Body.ofBytes(Buffer.from('{"result":{"id":7,"n":"größe"}}')),
          headers: [
            ['x-name', 'n'],
            ['Gone', '1'],
          ],
        }),
      )
      assert.equal(exchange.properties.get('id'), 7)
      assert.equal(exchange.headers.get('seen'), 'n!')
      assert.equal(exchange.headers.has('gone'), false)
      assert.equal(exchange.body.text(), '{"RESULT":{"ID":7,"N":"GRÖSSE"}}')
    })

    for (const [what, code, expected] of [
      [
        'maps',
        `var m = new HashMap(); m.put('a', 1); var k = m.keySet().iterator(); var s = ''; while (k.hasNext()) s += k.next(); message.setBody(m + s + m.size())`,
        '{a=1}a1',
      ],
      [
        'lists',
        `var l = new java.util.ArrayList(); l.add('x'); l.add('y'); message.setBody(l + ':' + l.get(1) + l.size())`,
        '[x, y]:y2',
      ],
      [
        'text builders',
        `var b = new java.lang.StringBuilder('a'); b.append(1).append('c'); message.setBody(b.toString() + b.length())`,
        'a1c3',
      ],
      [
        'texts with the methods of Java',
        `var s = message.getHeader('h'); message.setBody([s.length(), s.equals('Abc'), s.contains('bc'), s.equalsIgnoreCase('ABC'), s.replaceAll('[a-c]', '-'), "x.length()"].join())`,
        '3,true,true,true,A--,x.length()',
      ],
      ['numbers', `message.setBody(String(java.lang.Integer.parseInt('42') + 1))`, '43'],
      [
        'readers',
        `var r = message.getBody(java.io.Reader); message.setBody(r.readLine() + '|' + r.readLine())`,
        'one|two',
      ],
      [
        'importPackage and Packages',
        `importPackage(java.util); message.setBody(new Packages.java.util.LinkedHashMap().isEmpty() + '')`,
        'true',
      ],
      [
        'exceptions that they throw and catch',
        `try { throw new java.lang.IllegalStateException('no') } catch (e) { message.setBody(e.getMessage() + e.getClass().getName()) }`,
        'nojava.lang.IllegalStateException',
      ],
    ] as const) {
      it(`have ${what}`, async () => {
        const exchange = new Exchange({ body: Body.ofText('one\r\ntwo'), headers: [['h', 'Abc']] })
        assert.equal((await run(original(code), exchange)).body.text(), expected)
      })
    }

    it('say which class they lack', async () => {
      await assert.rejects(run(`importClass(java.net.Socket)\n${processData('')}`), {
        code: 'scripts.compileFailed',
        message: /java\.net\.Socket.*line 1/,
      })
    })

    it('ask the tenant for what is lent to them', async () => {
      const { credentials, keys } = services({
        credentials: { userCredential: async (alias) => ({ user: 'me', password: `secret of ${alias}` }) },
      })
      const lent = services({
        forScripts: { credentials, keys },
        valueMappings: { lookup: ({ value }) => (value === 'Apple' ? 'Apfel' : undefined) },
      })
      const source = original(`
        var store = com.sap.it.api.ITApiFactory.getApi(com.sap.it.api.securestore.SecureStoreService, null);
        var credential = store.getUserCredential('box');
        var values = com.sap.it.api.ITApiFactory.getService(com.sap.it.api.mapping.ValueMappingApi, null);
        message.setBody(credential.getUsername() + new java.lang.String(credential.getPassword()) +
          values.getMappedValue('US', 'Fruit', 'Apple', 'DE', 'Fruit') + values.getMappedValue('US', 'Fruit', 'Pear', 'DE', 'Fruit'))`)
      assert.equal((await run(source, new Exchange(), { services: lent })).body.text(), 'mesecret of boxApfelnull')
    })

    it('write into the log of the message, also when they fail', async () => {
      const written: unknown[] = []
      const log = {
        active: true,
        property: (name: string, value: string) => void written.push([name, value]),
        customHeader: (name: string, value: string) => void written.push([name, value]),
        attach: (given: { name: string; contentType: string; body: Body }) =>
          void written.push([given.name, given.contentType, given.body.text()]),
      }
      const source = original(`
        var log = messageLogFactory.getMessageLog(message);
        log.setStringProperty('p', 'v'); log.addCustomHeaderProperty('order', '4711');
        log.addAttachmentAsString('payload', '<a/>', 'text/xml');
        throw 'enough'`)
      await assert.rejects(run(source, new Exchange(), { log }), /enough/)
      assert.deepEqual(written, [
        ['p', 'v'],
        ['order', '4711'],
        ['payload', 'text/xml', '<a/>'],
      ])
    })
  })

  describe('of today', () => {
    it('are modules in TypeScript that import each other', async () => {
      const source = `
        import type { Message } from 'sluice/script'
        import { twice } from './lib/twice.ts'
        interface Order { readonly id: number }
        export function processData(message: Message): void {
          const order = message.json<Order>()
          message.body = { id: twice(order.id), from: message.headers.get('X-From') }
          message.properties.set('list', [1, 'two', { k: true }])
        }`
      const exchange = await run(
        source,
        new Exchange({ body: Body.ofText('{"id":21}'), headers: [['x-from', 'me']] }),
        {
          file: 'script.ts',
          files: { 'lib/twice.ts': 'export const twice = (n: number): number => n * 2' },
        },
      )
      assert.equal(exchange.body.text(), '{"id":42,"from":"me"}')
      assert.equal(String(exchange.properties.get('list')), '[1, two, {k=true}]')
    })

    it('may export a default function, also an async one', async () => {
      const exchange = await run(`export default async (message) => { await null; message.body = 'later' }`)
      assert.equal(exchange.body.text(), 'later')
    })

    it('have the function that is named', async () => {
      const source = `export const other = (message) => { message.body = 'other' }`
      assert.equal((await run(source, new Exchange(), { functionName: 'other' })).body.text(), 'other')
      await assert.rejects(run(source, new Exchange(), { functionName: 'nope' }), {
        code: 'scripts.functionMissing',
        message: /script\.js.*nope/,
      })
    })

    it('may not wait for what never comes', async () => {
      await assert.rejects(run('export default () => new Promise(() => {})'), { code: 'scripts.neverEnds' })
    })

    it('have bytes, base64, text coders and an id', async () => {
      const exchange = await run(
        `export default (message) => {
          const text = new TextDecoder().decode(message.bytes())
          message.headers.set('a', atob(btoa(text)) + crypto.randomUUID().length)
          message.body = new Uint8Array([...message.bytes(), 0xff])
        }`,
        new Exchange({ body: Body.ofText('abc') }),
      )
      assert.equal(exchange.headers.get('a'), 'abc36')
      assert.deepEqual(exchange.body.bytes(), Buffer.from([97, 98, 99, 255]))
    })

    it('ask the tenant for what is lent to them', async () => {
      const { credentials, keys } = services({
        credentials: { userCredential: async (alias) => ({ user: 'me', password: `secret of ${alias}` }) },
      })
      const source = `export default ({ services: { secureStore }, ...rest }) => {}
        export function processData(message) {
          const { user, password } = message.services.secureStore.getUserCredential('box')
          message.body = user + password
          try { message.services.keystore.getKey('none') } catch (error) { message.headers.set('why', error.message) }
        }`
      const exchange = await run(source, new Exchange(), { services: services({ forScripts: { credentials, keys } }) })
      assert.equal(exchange.body.text(), 'mesecret of box')
      assert.match(String(exchange.headers.get('why')), /keystore\.getKey/)
    })

    it('cannot import from elsewhere', async () => {
      for (const from of ['node:fs', '../../secret.js', './missing.js', '/etc/passwd', 'https://example.com/a.js'])
        await assert.rejects(run(`import x from '${from}'\nexport default () => {}`), { code: 'scripts.compileFailed' })
    })

    it('read and write attachments', async () => {
      const attachment = { name: 'in', contentType: 'text/plain', body: Body.ofText('given'), headers: new Map() }
      const exchange = await run(
        `export default (message) => {
          message.attachments.set('out', { content: message.attachments.get('in').text() + '!', contentType: 'text/x' })
          message.attachments.delete('in')
        }`,
        new Exchange({ attachments: [['in', attachment]] }),
      )
      const [[name, out] = []] = exchange.attachments
      assert.deepEqual(
        [name, out?.contentType, out?.body.text(), exchange.attachments.size],
        ['out', 'text/x', 'given!', 1],
      )
    })
  })

  it('of a collection run as they are deployed when the message comes', async () => {
    let deployed: Bundle | undefined
    const scripts = createScripts({ host: noGroovy, javaScript: host, collections: () => deployed })
    const bundle = await bundleOf({ id: 'Flow', processes: [] })
    const given = { language: 'javascript', bundle, file: 'a.js', functionName: 'go', collection: 'Shared' } as const
    const compiled = await scripts.compile(given)
    await assert.rejects(compiled.run(new Exchange(), testRun()), { code: 'scripts.collectionMissing' })
    for (const text of ['one', 'two']) {
      const source = `export const go = (message) => { message.body = '${text}' }`
      deployed = await bundleOf({ id: 'Shared', processes: [], files: { [`${scriptRoot}a.js`]: source } })
      const exchange = new Exchange()
      await compiled.run(exchange, testRun())
      assert.equal(exchange.body.text(), text)
    }
  })

  it('leave alone what they do not touch', async () => {
    const body = Body.ofBytes(Buffer.alloc(1_000_000, 0xff))
    const closure = new ScriptObject(1, 'Closure', 'text of it', 7)
    const exchange = await run(
      processData(
        `message.setHeader('seen', message.getProperty('closure') + message.getProperties().get('map').get('k'))`,
      ),
      new Exchange({
        body,
        properties: [
          ['closure', closure],
          ['map', new JavaMap([['k', 1]])],
          ['date', new Date(5)],
        ],
      }),
    )
    assert.equal(exchange.body, body)
    assert.equal(exchange.properties.get('closure'), closure)
    assert.deepEqual(exchange.properties.get('date'), new Date(5))
    assert.equal(exchange.headers.get('seen'), 'text of it1')
  })

  it('fetch a large body when they ask for it, as bytes where it is no text', async () => {
    const body = Body.ofBytes(Buffer.alloc(3_000_000, 0xff))
    const exchange = await run(
      processData(`message.setHeader('size', message.getBody().length)`),
      new Exchange({ body }),
    )
    assert.equal(exchange.headers.get('size'), 3_000_000)
  })

  it('see a value that they changed inside as changed', async () => {
    const exchange = new Exchange({ properties: [['list', ['a']]] })
    await run(processData(`message.getProperty('list').add('b')`), exchange)
    assert.equal(String(exchange.properties.get('list')), '[a, b]')
  })

  it('say at deployment what does not compile, and where', async () => {
    for (const file of ['script.js', 'script.ts', 'script.mjs'])
      await assert.rejects(
        run('export const a = 1\nexport function processData(m) {\n  let x = ;\n}', new Exchange(), { file }),
        {
          code: 'scripts.compileFailed',
          message: /line 3/,
        },
      )
  })

  it('hand their exception to the flow, with its line, and leave the message as it was', async () => {
    const exchange = new Exchange({ body: Body.ofText('before') })
    const failed = run(processData(`message.setBody('after')\nundefined.x`), exchange)
    await assert.rejects(failed, (error) => {
      assert.ok(error instanceof Fault)
      assert.equal(error.code, 'scripts.failed')
      assert.equal(error.details.className, 'javax.script.ScriptException')
      assert.match(error.message, /TypeError: .*@ line 3 in script\.js/)
      return true
    })
    assert.equal(exchange.body.text(), 'before')
  })
})
