import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { services, testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { Fault, silentLog } from '../base/index.ts'
import type { Bundle, Run } from '../flow/index.ts'
import { Body, Exchange } from '../message/index.ts'
import { createGroovyHost, createScripts, findJava, type GroovyHost, serviceCalls } from './index.ts'

const java = await findJava(process.env).catch(() => undefined)

const scriptsOf = (files: Readonly<Record<string, string>>): Promise<Bundle> =>
  bundleOf({ id: 'Scripts', processes: [], files })

const processData = (body: string): string => `def processData(message) {\n${body}\nreturn message\n}`

describe('the Groovy host without Java', () => {
  it('refuses a script with that reason', async () => {
    const cacheFolder = temporaryFolder('groovy')
    const host = createGroovyHost({ cacheFolder, log: silentLog, calls: {}, environment: { PATH: '/nowhere' } })
    const scripts = createScripts({ host, collections: () => undefined })
    const bundle = await scriptsOf({ 'a.groovy': processData('') })
    const compiled = scripts.compile({ language: 'groovy', bundle, file: 'a.groovy', functionName: '', collection: '' })
    await assert.rejects(compiled, { code: 'scripts.javaMissing', message: /need Java/ })
    await host.close()
  })
})

// Without Java nothing of this can run; the reason is then tested above, and CI has Java.
describe(`the Groovy host${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  let cacheFolder: string
  let host: GroovyHost
  const collections = new Map<string, Bundle>()
  const callTimeoutMs = 2_000

  before(() => {
    cacheFolder = temporaryFolder('groovy')
    host = createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls, callTimeoutMs, maxHeapMb: 256 })
  })
  after(async () => {
    await host.close()
  })
  if (java === undefined) return

  async function run(
    source: string,
    exchange = new Exchange(),
    given: Partial<Run> & { readonly functionName?: string; readonly collection?: string } = {},
  ): Promise<Exchange> {
    const { functionName = '', collection = '', ...rest } = given
    const scripts = createScripts({ host, collections: (id) => collections.get(id) })
    const bundle = await scriptsOf({ 'script.groovy': source })
    const compiled = await scripts.compile({
      language: 'groovy',
      bundle,
      file: 'script.groovy',
      functionName,
      collection,
    })
    const cleanups: (() => void | Promise<void>)[] = []
    await compiled.run(exchange, testRun({ messageId: `m${Math.random()}`, ...rest, cleanups }))
    for (const cleanup of cleanups) await cleanup()
    return exchange
  }

  it('changes body, headers and properties of the message', async () => {
    const exchange = await run(
      processData(`
        message.setBody(message.getBody(String).toUpperCase())
        message.setHeader('count', 3)
        message.setProperty('list', [1, 'two', [k: true]])
        message.setProperty('seen', message.getHeaders().get('X-NAME') + message.getProperty('p'))`),
      new Exchange({ body: Body.ofText('abc'), headers: [['x-name', 'n']], properties: [['p', 7]] }),
    )
    assert.equal(exchange.body.text(), 'ABC')
    assert.equal(exchange.headers.get('COUNT'), 3)
    assert.equal(exchange.properties.get('seen'), 'n7')
    assert.equal(String(exchange.properties.get('list')), '[1, two, {k=true}]')
  })

  it('reads and writes the parts of the message as members, too', async () => {
    const exchange = await run(
      processData(`
        message.headers.b = message.headers.a + message.properties.p
        message.properties['q'] = message.body
        message.body = 'new'`),
      new Exchange({ body: Body.ofText('old'), headers: [['a', '1']], properties: [['p', '2']] }),
    )
    assert.deepEqual(
      [exchange.headers.get('b'), exchange.properties.get('q'), exchange.body.text(), exchange.properties.has('body')],
      ['12', 'old', 'new', false],
    )
  })

  for (const [type, expression] of [
    ['java.io.Reader', 'message.getBody(java.io.Reader).text'],
    ['InputStream', 'message.getBody(InputStream).getText("UTF-8")'],
    ['byte[]', 'new String(message.getBody(byte[]), "UTF-8")'],
    ['String', 'message.getBody(String)'],
    ['its own type, after a reader took it', '{ -> message.getBody(java.io.Reader).text; message.getBody(String) }()'],
  ] as const) {
    it(`gives the body as ${type}`, async () => {
      const exchange = await run(
        processData(`message.setBody('<' + (${expression}) + '>')`),
        new Exchange({ body: Body.ofText('größe') }),
      )
      assert.equal(exchange.body.text(), '<größe>')
    })
  }

  it('leaves a body alone that the script does not touch', async () => {
    const body = Body.ofBytes(Buffer.alloc(1_000_000, 0xff))
    const exchange = await run(processData(`message.setHeader('a', 'b')`), new Exchange({ body }))
    assert.equal(exchange.body, body)
  })

  it('fetches a large body when the script asks for it', async () => {
    const exchange = await run(
      processData(`message.setHeader('size', message.getBody(byte[]).length)`),
      new Exchange({ body: Body.ofBytes(Buffer.alloc(1_000_000, 1)) }),
    )
    assert.equal(exchange.headers.get('size'), 1_000_000)
  })

  it('calls the function that is named', async () => {
    const exchange = await run('def other(message) { message.setBody("other"); return message }', new Exchange(), {
      functionName: 'other',
    })
    assert.equal(exchange.body.text(), 'other')
  })

  it('says at deployment which function is missing', async () => {
    await assert.rejects(run(processData(''), new Exchange(), { functionName: 'nope' }), {
      code: 'scripts.functionMissing',
      message: /script\.groovy.*nope/,
    })
  })

  it('says at deployment what does not compile, and where', async () => {
    await assert.rejects(run('def processData(message) {\n  def x = \n}'), {
      code: 'scripts.compileFailed',
      message: /line [23]/,
    })
  })

  it('hands the exception of a script to the flow, with its class and line', async () => {
    const failed = run(processData(`throw new IllegalStateException('no stock')`))
    await assert.rejects(failed, (error) => {
      assert.ok(error instanceof Fault)
      assert.equal(error.code, 'scripts.failed')
      assert.equal(error.details.className, 'java.lang.IllegalStateException')
      assert.match(error.message, /no stock.*line 2.*script\.groovy/)
      return true
    })
  })

  it('leaves the message as it was when the script fails', async () => {
    const exchange = new Exchange({ body: Body.ofText('before') })
    await assert.rejects(run(processData(`message.setBody('after'); throw new Exception('x')`), exchange))
    assert.equal(exchange.body.text(), 'before')
  })

  it('gives an object to the next script of the same message as it was', async () => {
    const scripts = createScripts({ host, collections: () => undefined })
    const bundle = await scriptsOf({
      'one.groovy': processData(`message.setProperty('closure', { it * 2 })`),
      'two.groovy': processData(`message.setBody(String.valueOf(message.getProperty('closure')(21)))`),
    })
    const exchange = new Exchange()
    const given = testRun({ messageId: 'handles' })
    for (const file of ['one.groovy', 'two.groovy']) {
      const compiled = await scripts.compile({ language: 'groovy', bundle, file, functionName: '', collection: '' })
      await compiled.run(exchange, given)
    }
    assert.equal(exchange.body.text(), '42')
  })

  it('shares nothing between messages', async () => {
    const source =
      'int count = 0\ndef processData(message) { binding.hasVariable("seen") ? message.setBody("shared") : message.setBody("own"); binding.setVariable("seen", 1); return message }'
    assert.equal((await run(source)).body.text(), 'own')
    assert.equal((await run(source)).body.text(), 'own')
  })

  it('writes into the log of the message', async () => {
    const written: unknown[] = []
    const log = {
      active: true,
      property: (name: string, value: string) => void written.push([name, value]),
      customHeader: (name: string, value: string) => void written.push([name, value]),
      attach: (attachment: { name: string; contentType: string; body: Body }) =>
        void written.push([attachment.name, attachment.contentType, attachment.body.text()]),
    }
    await run(
      processData(`
        def log = messageLogFactory.getMessageLog(message)
        log.setStringProperty('p', 'v')
        log.addCustomHeaderProperty('order', '4711')
        log.addAttachmentAsString('payload', '<a/>', 'text/xml')`),
      new Exchange(),
      { log },
    )
    assert.deepEqual(written, [
      ['p', 'v'],
      ['order', '4711'],
      ['payload', 'text/xml', '<a/>'],
    ])
  })

  it('has no log at level None', async () => {
    const log = { active: false, property: () => {}, customHeader: () => {}, attach: () => {} }
    const exchange = await run(
      processData(`message.setBody(String.valueOf(messageLogFactory.getMessageLog(message) == null))`),
      new Exchange(),
      { log },
    )
    assert.equal(exchange.body.text(), 'true')
  })

  it('asks the tenant for credentials and value mappings', async () => {
    const { credentials, keys } = services({
      credentials: { userCredential: async (alias) => ({ user: 'me', password: `secret of ${alias}` }) },
    })
    const lent = services({
      forScripts: { credentials, keys },
      valueMappings: { lookup: ({ value }) => (value === 'Apple' ? 'Apfel' : undefined) },
    })
    const exchange = await run(
      `import com.sap.it.api.ITApiFactory
       import com.sap.it.api.securestore.SecureStoreService
       import com.sap.it.api.mapping.ValueMappingApi
       ${processData(`
         def credential = ITApiFactory.getApi(SecureStoreService, null).getUserCredential('box')
         def values = ITApiFactory.getApi(ValueMappingApi, null)
         message.setBody(credential.username + ':' + new String(credential.password) + ':' +
           values.getMappedValue('US', 'Fruit', 'Apple', 'DE', 'Fruit') + ':' + values.getMappedValue('US', 'Fruit', 'Pear', 'DE', 'Fruit'))`)}`,
      new Exchange(),
      { services: lent },
    )
    assert.equal(exchange.body.text(), 'me:secret of box:Apfel:null')
  })

  it('runs a script of a collection as it is deployed when the message comes', async () => {
    await assert.rejects(run(processData(''), new Exchange(), { collection: 'Shared' }), {
      code: 'scripts.collectionMissing',
      message: /Shared/,
    })
    collections.set('Shared', await scriptsOf({ 'script.groovy': processData(`message.setBody('one')`) }))
    assert.equal((await run('', new Exchange(), { collection: 'Shared' })).body.text(), 'one')
    collections.set('Shared', await scriptsOf({ 'script.groovy': processData(`message.setBody('two')`) }))
    assert.equal((await run('', new Exchange(), { collection: 'Shared' })).body.text(), 'two')
  })

  it('has the classes that moved since Groovy 2.4', async () => {
    const exchange = await run(
      processData(
        `message.setBody(new groovy.util.XmlSlurper().parseText('<a><b>1</b></a>').b.text() + new XmlParser().parseText('<a/>').name())`,
      ),
    )
    assert.equal(exchange.body.text(), '1a')
  })

  for (const [what, code] of [
    ['a file', `new File('/etc/passwd').text`],
    ['the network', `new Socket('127.0.0.1', 9)`],
    ['a program', `'id'.execute()`],
    [
      'the environment',
      `if (!System.getenv().isEmpty()) message.setBody('environment'); throw new SecurityException()`,
    ],
    ['the end of the host', `System.exit(1)`],
  ] as const) {
    it(`keeps a script from ${what}`, async () => {
      const exchange = new Exchange()
      await assert.rejects(run(processData(code), exchange), {
        code: 'scripts.failed',
        message: /SecurityException|not permitted/,
      })
      assert.equal(exchange.body.text(), '')
      assert.equal((await run(processData(`message.setBody('alive')`))).body.text(), 'alive')
    })
  }

  it('kills a script that runs too long, replaces the host, and harms that message only', async () => {
    const pid = host.processes()[0]?.pid
    const endless = run(processData('while (true) { }'))
    const others = Array.from({ length: 5 }, (_, n) => run(processData(`sleep(1500); message.setBody('${n}')`)))
    await assert.rejects(endless, { code: 'scripts.timeout' })
    assert.deepEqual(
      (await Promise.all(others)).map(({ body }) => body.text()),
      ['0', '1', '2', '3', '4'],
    )
    assert.equal((await run(processData(`message.setBody('alive')`))).body.text(), 'alive')
    assert.notEqual(host.processes()[0]?.pid, pid)
  })

  it('comes back when the host is killed, and runs again what was in flight', async () => {
    await run(processData(''))
    const waiting = run(processData(`sleep(300); message.setBody('done')`))
    await new Promise((resolve) => setTimeout(resolve, 100))
    process.kill(host.processes()[0]?.pid ?? 0, 'SIGKILL')
    assert.equal((await waiting).body.text(), 'done')
  })

  it('ends the call when the message is cancelled', async () => {
    const controller = new AbortController()
    const running = run(processData('sleep(1500)'), new Exchange(), { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('cancelled')), 100)
    await assert.rejects(running, /cancelled/)
  })
})
