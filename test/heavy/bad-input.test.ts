/** Bad input gets an error that says what and where; the processes live, and nothing is half-written. Linux only. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { writeZip } from '../../src/formats/zip-write.ts'
import {
  externalCall,
  flowBundle,
  flowFiles,
  mainProcess,
  messageEnd,
  messageStart,
  modifierRow,
  receiverChannel,
  route,
  router,
  senderChannel,
  step,
} from '../kit/bundle.ts'
import { type Caller, createApiCaller, createCaller, keyFile, until } from '../kit/caller.ts'
import { command, deploy, residentMemory, tryDeploy } from '../kit/deploy.ts'
import { echoFlow } from '../kit/flows.ts'
import { type RawEntry, rawZip } from '../kit/raw-zip.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

const sender = (path: string, more = {}) => senderChannel('HTTPS', { urlPath: path, xsrfProtection: '0', ...more })
const simple = { id: 'Bad', channels: [sender('/bad')], processes: [mainProcess([messageStart(), messageEnd()])] }

let sluice: RunningSluice
let api: ReturnType<typeof createApiCaller>
let caller: Caller
let pids: readonly number[] = []

before(async () => {
  sluice = await startSluice()
  api = createApiCaller(sluice)
  caller = createCaller(sluice.runtimeUrl, sluice)
  await deploy(sluice, await echoFlow('Good', 'good'), ...(await Promise.all(flows.map(flowBundle))))
  assert.equal((await api.write('POST', 'IntegrationPackages', { Id: 'Box', Name: 'Box', ShortText: 'x' })).status, 201)
  pids = [sluice.pid, sluice.tenantPid()]
})
after(async () => {
  api?.close()
  caller?.close()
  await sluice?.dispose()
})

/** The processes are those that were there, and work. */
async function stillWorks(): Promise<void> {
  assert.deepEqual([sluice.pid, sluice.tenantPid()], pids)
  assert.equal((await caller.call('/http/heavy/Good', { body: 'x' })).text, 'good x')
  assert.equal((await api.call('/api/v1/IntegrationPackages')).status, 200)
}

/** Everything that Sluice would keep of an artifact. */
async function kept(): Promise<string[]> {
  const design = await api.all(`IntegrationPackages('Box')/IntegrationDesigntimeArtifacts`)
  const other = await api.all('IntegrationPackages')
  const running = await api.all('IntegrationRuntimeArtifacts')
  return [...design, ...other, ...running].map(({ Id }) => String(Id)).sort()
}

const files = flowFiles(simple)
const modelPath = [...files.keys()].find((path) => path.endsWith('.iflw')) ?? ''
const model = String(files.get(modelPath))
const otherPath = modelPath.replace('Bad.iflw', 'Other.iflw')
const rawWith = (...more: readonly RawEntry[]): Buffer =>
  rawZip([...[...files].map(([name, content]) => ({ name, content })), ...more])
const withModel = (text: string) => writeZip(new Map([...files, [modelPath, Buffer.from(text)]]))

const letters = 'abcdefghij'.split('')
/** Each entity is ten times the one before: 10 GB in the end. */
const entityBomb = (root: string): string =>
  `<!DOCTYPE ${root} [<!ENTITY a "aaaaaaaaaa">${letters
    .slice(1)
    .map((name, index) => `<!ENTITY ${name} "${`&${letters[index]};`.repeat(10)}">`)
    .join('')}]>`
const withDoctype = (doctype: string, name: string) =>
  withModel(model.replace('?>', `?>${doctype}`).replace('Default Collaboration', `&${name};`))

describe('a bundle that is refused', () => {
  const zeros = { name: 'src/main/resources/zeros', content: Buffer.alloc(300_000_000) }
  const link = { name: 'src/main/resources/link', content: '/etc/passwd', mode: 0o120777 }
  const announced = [1, 2, 3].map((nth) => ({
    name: `src/main/resources/big${nth}`,
    content: 'x',
    announced: 3_500_000_000,
  }))
  const cases: readonly (readonly [string, () => Buffer | Promise<Buffer>, RegExp, number?])[] = [
    ['that is no zip', () => Buffer.from('hello'), /zip archive/],
    ['cut short', async () => (await writeZip(files)).subarray(0, -200), /zip archive/],
    ['cut short in the middle', async () => (await writeZip(files)).subarray(0, 300), /zip archive/],
    ['with ../', () => rawWith({ name: '../evil.txt', content: 'x' }), /'\.\.\/evil\.txt'/],
    ['with an absolute path', () => rawWith({ name: '/tmp/evil.txt', content: 'x' }), /'\/tmp\/evil\.txt'/],
    ['with a link', () => rawWith(link), /'src\/main\/resources\/link'.*symbolic link/],
    ['that announces 10 GB', () => rawWith(...announced), /big1.*decompression bomb/, 413],
    ['that unpacks to 300 MB', () => rawWith(zeros), /zeros.*decompression bomb/, 413],
    ['that unpacks to more than it says', () => rawWith({ ...zeros, announced: 10 }), /zeros.*damaged/],
    ['without a model', () => writeZip([...files].filter(([path]) => path !== modelPath)), /no \.iflw file/],
    ['with two models', () => writeZip([...files, [otherPath, Buffer.from(model)]]), /Bad\.iflw.*Other\.iflw/],
    ['with a model cut short', () => withModel(model.slice(0, 900)), /not well-formed.*Bad\.iflw/],
    [
      'with a model of unbalanced tags',
      () => withModel(model.replace('</bpmn2:process>', '</x>')),
      /Bad\.iflw:\d+:\d+/,
    ],
    ['with an entity bomb', () => withDoctype(entityBomb('x'), 'j'), /entity.*Bad\.iflw/],
    [
      'with an external entity',
      () => withDoctype('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 'e'),
      /entity 'e'.*Bad\.iflw/,
    ],
  ]
  for (const [name, make, words, status = 400] of cases)
    it(`${name}: by the API and by the command line`, async () => {
      const zip = await make()
      const earlier = await kept()
      const body = { Name: 'Bad', Id: 'Bad', PackageId: 'Box', ArtifactContent: zip.toString('base64') }
      const answer = await api.write('POST', 'IntegrationDesigntimeArtifacts', body)
      assert.equal(answer.status, status, answer.text)
      assert.match((JSON.parse(answer.text) as { error: { message: { value: string } } }).error.message.value, words)

      const ran = await tryDeploy(sluice, zip)
      assert.equal(ran.code, 1)
      assert.match(ran.err, words)
      assert.doesNotMatch(ran.err, /\n {4}at /)

      assert.deepEqual(await kept(), earlier)
      await stillWorks()
    })

  it('an artifact that is there stays what it was', async () => {
    const key = "IntegrationDesigntimeArtifacts(Id='Good',Version='active')"
    const content = async () => (await api.call(`/api/v1/${key}/$value`)).bytes
    const earlier = await content()
    const body = { Name: 'Good', ArtifactContent: (await withModel('<x')).toString('base64') }
    assert.equal((await api.write('PUT', key, body)).status, 400)
    assert.ok((await content()).equals(earlier))
  })
})

describe('a flow that does not start', () => {
  const unknownParameter = { ...simple, channels: [sender('/{{where}}')] }
  const unknownStep = { ...simple, processes: [mainProcess([messageStart(), step('Odd', 'NoSuchStep'), messageEnd()])] }
  const cases = [
    [
      'on the address of another',
      { ...simple, channels: [sender('/heavy/Good')] },
      [/\/http\/heavy\/Good/, /flow 'Good'/],
    ],
    ['on the address of another in other letters', { ...simple, channels: [sender('/HEAVY/good')] }, [/flow 'Good'/]],
    ['with an unknown parameter in its address', unknownParameter, [/\{\{where\}\}/]],
    ['with a step that nothing runs', unknownStep, [/NoSuchStep/, /Odd/]],
  ] as const
  for (const [name, sketch, words] of cases)
    it(`${name} says so in its status`, async () => {
      const ran = await tryDeploy(sluice, await flowBundle(sketch))
      assert.equal(ran.code, 1)
      for (const each of words) assert.match(ran.out, each)
      const { out } = await command(sluice, ['status', 'Bad'])
      for (const each of words) assert.match(out, each)
      assert.match(out, /ERROR/)
      await stillWorks()
      assert.equal((await command(sluice, ['undeploy', 'Bad'])).code, 0)
    })
})

const parameterFlow = {
  id: 'Parameter',
  channels: [
    sender('/parameter'),
    receiverChannel('HTTP', 'Call', {
      httpAddressWithoutQuery: '{{host}}',
      httpMethod: 'POST',
      authenticationMethod: 'None',
      httpRequestTimeout: '1000',
      proxyType: 'default',
    }),
  ],
  processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])],
}
const xpathFlow = {
  id: 'Xpath',
  channels: [sender('/xpath')],
  processes: [
    mainProcess([
      messageStart(),
      step('Look', 'Enricher', {
        bodyType: 'expression',
        wrapContent: '${property.found}',
        propertyTable: [modifierRow('found', 'xpath', '/order/id')],
      }),
      messageEnd(),
    ]),
  ],
}
const routerFlow = {
  id: 'Fork',
  channels: [sender('/fork')],
  processes: [
    mainProcess([messageStart(), router('Crossing'), step('A', 'Enricher', {}), messageEnd()], {
      routes: [
        route('Start', 'Crossing'),
        route('Crossing', 'A', "${header.kind} = 'a'"),
        route('Crossing', 'End', "${header.kind} = 'b'"),
        route('A', 'End'),
      ],
    }),
  ],
}
const largeFlow = { ...simple, id: 'Large', channels: [sender('/large', { maximumBodySize: '300' })] }
const smallFlow = { ...simple, id: 'Small', channels: [sender('/small')] }
const flows = [parameterFlow, xpathFlow, routerFlow, largeFlow, smallFlow]

describe('a message that cannot be processed', () => {
  const cases = [
    ['an entity bomb', '/http/xpath', `${entityBomb('order')}<order><id>&j;</id></order>`, [/entity/, /Look/]],
    [
      'an external entity',
      '/http/xpath',
      '<!DOCTYPE order [<!ENTITY e SYSTEM "file:///etc/passwd">]><order><id>&e;</id></order>',
      [/entity 'e'/, /Look/],
    ],
    ['XML cut short', '/http/xpath', '<order><id>7', [/XML/, /Look/]],
    ['no XML', '/http/xpath', 'id=7', [/XML/, /Look/]],
    ['what no route takes', '/http/fork', 'x', [/Crossing/]],
    ['for an address with an unknown parameter', '/http/parameter', 'x', [/\{\{host\}\}/, /Call/]],
  ] as const
  for (const [name, path, body, words] of cases)
    it(`${name}: the caller gets the message id, the log the reason`, async () => {
      const started = Date.now()
      const { status, text, messageId } = await caller.call(path, { body })
      assert.equal(status, 500)
      assert.ok(messageId !== '' && text.includes(messageId), text)
      assert.ok(Date.now() - started < 10_000)
      const logged = () => command(sluice, ['logs', messageId])
      await until('the message is in the log', async () => /FAILED/.test((await logged()).out))
      const { out } = await logged()
      for (const each of words) assert.match(out, each)
      await stillWorks()
    })

  it('and one that can be is', async () => {
    assert.equal((await caller.call('/http/xpath', { body: '<order><id>7</id></order>' })).text, '7')
  })
})

const megabyte = 1024 * 1024
async function* chunks(count: number, chunk: Buffer): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < count; sent++) yield chunk
}

/** What is in the folder for large bodies. */
const spooled = (): string[] => readdirSync(join(sluice.folder, 'tenants', 'default', 'spool'))

async function refusalOf(text: string): Promise<string> {
  const { reference } = JSON.parse(text) as { reference: string }
  let out = ''
  await until('the refusal is shown', async () => {
    const ran = await command(sluice, ['refusals', '--reference', reference])
    out = ran.out
    return ran.code === 0 && out.includes(reference)
  })
  return out
}

describe('a body of 200 MB', () => {
  const chunk = randomBytes(megabyte)
  const length = { 'content-length': String(200 * megabyte) }

  for (const [name, headers] of [
    ['that says its length', length],
    ['in chunks', {}],
  ] as const)
    it(`${name} is refused where it is too much`, async () => {
      const base = residentMemory(sluice.tenantPid())
      const alone = createCaller(sluice.runtimeUrl, sluice, { by: 'secret' })
      const { status, text } = await alone.call('/http/small', { method: 'POST', headers, body: chunks(200, chunk) })
      alone.close()
      assert.equal(status, 413)
      assert.match(await refusalOf(text), /size\.bodyTooLarge|41943040|40 MB/)
      await until('nothing stays on disk', () => spooled().length === 0)
      assert.ok(residentMemory(sluice.tenantPid()) < base + 120)
      await stillWorks()
    })

  it('goes through where the flow takes it, by way of the disk', async () => {
    const base = residentMemory(sluice.tenantPid())
    let [most, files] = [0, 0]
    const watch = setInterval(() => {
      most = Math.max(most, residentMemory(sluice.tenantPid()))
      files = Math.max(files, spooled().length)
    }, 20)
    const { status, bytes } = await caller.call('/http/large', {
      method: 'POST',
      headers: length,
      body: chunks(200, chunk),
    })
    clearInterval(watch)
    console.log(`200 MB through a flow: from ${base.toFixed(0)} MB to at most ${most.toFixed(0)} MB`)
    assert.equal(status, 200)
    const sent = createHash('sha256')
    for await (const each of chunks(200, chunk)) sent.update(each)
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sent.digest('hex'))
    assert.ok(files > 0, 'it was never on disk')
    assert.ok(most < base + 120, `${most.toFixed(0)} MB`)
    await until('nothing stays on disk', () => spooled().length === 0)
    await stillWorks()
  })
})

describe('a client that stalls', () => {
  /** Sends a part of what it announces and then nothing. */
  function stall(
    by: 'certificate' | 'nobody',
  ): Promise<{ readonly status: number; readonly text: string; readonly seconds: number }> {
    const { clientid, clientsecret } = keyFile(sluice, 'service-key.json')
    const started = Date.now()
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL('/http/small', sluice.runtimeUrl),
        {
          agent: false,
          rejectUnauthorized: false,
          method: 'POST',
          headers: { 'content-length': '1000000' },
          ...(by === 'certificate' && { auth: `${clientid}:${clientsecret}` }),
        },
        (response) => {
          let text = ''
          response.on('data', (data: Buffer) => (text += data.toString()))
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text, seconds: (Date.now() - started) / 1000 }),
          )
        },
      )
      sent.on('error', reject)
      sent.write(Buffer.alloc(100_000))
    })
  }

  it('in the middle of its body is sent away, and others are served meanwhile', async () => {
    const stalled = stall('certificate')
    for (let times = 0; times < 20; times++) {
      await stillWorks()
      await wait(50)
    }
    const { status, text, seconds } = await stalled
    assert.equal(status, 408)
    assert.match(await refusalOf(text), /100000 bytes/)
    console.log(`a client that stalls is sent away after ${seconds.toFixed(0)} s`)
    assert.deepEqual(spooled(), [])
    await stillWorks()
  })

  it('and that nobody knows is sent away at once', async () => {
    const { status, text } = await stall('nobody')
    assert.equal(status, 401)
    assert.match(await refusalOf(text), /identity\.credentialMissing/)
  })
})
