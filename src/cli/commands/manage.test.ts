import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { after, before, beforeEach, describe, it } from 'node:test'

import { sluice } from '../../../test/kit/command-line.ts'
import { errorReply, serveManagementApi } from '../../../test/kit/management-api.ts'
import { promptSecret } from '../prompt-secret.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')

describe('managing a server', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  const run = (argv: string[], input?: string) =>
    sluice(argv, { folder: api.folder, ...(input !== undefined && { input }) })

  before(async () => {
    const orders = {
      Id: 'Orders',
      Name: 'Orders',
      Type: 'INTEGRATION_FLOW',
      Version: '1.0.2',
      Status: 'STARTED',
      DeployedOn: `/Date(${noon})/`,
    }
    const broken = { ...orders, Id: 'Broken', Status: 'ERROR' }
    const problems = [{ code: 'flow.x', message: 'One is wrong.', remedy: 'Mend it.', place: 'Broken.iflw:3' }]
    const parameters = ['address', 'role'].map((name) => ({
      ParameterKey: name,
      ParameterValue: `the ${name}`,
      DataType: 'xsd:string',
      Description: '',
    }))
    const fingerprint = 'f'.repeat(64)
    const signed = {
      Id: 'Orders',
      Status: 'valid',
      Signer: 'CN=Publisher',
      Fingerprint: fingerprint,
      SignedAt: `/Date(${noon})/`,
    }
    const Findings = JSON.stringify([
      { code: 'print', severity: 'info', message: 'It prints.', advice: 'Log.', file: 'a\u001b[2J.groovy', line: 7 },
    ])
    const wrong = { Id: 'Broken', Status: 'invalid', Signer: null, Reason: 'the files are not those that were signed' }
    const design = "IntegrationDesigntimeArtifacts(Id='Orders',Version='active')"
    const refusal = {
      Reference: 'ABC123',
      Time: `/Date(${noon})/`,
      RemoteAddress: '10.0.0.9',
      Method: 'POST',
      Endpoint: '/http/orders\u001b]0;x\u0007',
      Stage: 'role',
      Code: 'inbound.roleMissing',
      Reason: 'The role is missing.',
      Remedy: 'Add it.',
      Status: 403,
      CertificateSubject: null,
    }
    const missing = [{ name: 'files', on: false, why: 'not installed' }]
    const held = { Language: 'javascript', Version: null, Complete: false, Layers: JSON.stringify(missing) }
    api = await serveManagementApi({
      'GET ScriptSandboxes': { d: { results: [held] } },
      'GET IntegrationRuntimeArtifacts': { d: { results: [orders, broken] } },
      "GET IntegrationRuntimeArtifacts('Orders')": { d: orders },
      "GET IntegrationRuntimeArtifacts('Broken')/ErrorInformation/$value": { raw: JSON.stringify({ problems }) },
      "GET ScriptReviews('Orders')": { d: { Id: 'Orders', CodeNarc: 'failed', Reason: 'no Java.', Findings } },
      "GET ScriptReviews('Clean')": { d: { Id: 'Clean', CodeNarc: 'ran', Reason: null, Findings: '[]' } },
      'GET BundleSignatures': { d: { results: [wrong, signed] } },
      "GET BundleSignatures('Orders')": { d: signed },
      "DELETE IntegrationRuntimeArtifacts('Orders')": { status: 202 },
      "PUT IntegrationRuntimeArtifacts('Orders')/$links/LogLevel": { status: 202 },
      'GET ServiceEndpoints': {
        d: {
          results: [
            { Name: 'Orders', EntryPoints: { results: [{ Url: 'https://h/http/a' }] } },
            { Name: 'Orders', EntryPoints: { results: [{ Url: 'https://h/http/b' }] } },
          ],
        },
      },
      [`GET ${design}/Configurations`]: { d: { results: parameters } },
      [`PUT ${design}/$links/Configurations('role')`]: { status: 202 },
      'GET UserCredentials': {
        d: { results: [{ Name: 'BACKEND', Kind: 'default', User: 'svc', Description: 'for orders', Password: null }] },
      },
      "GET UserCredentials('BACKEND')": {
        d: { Name: 'BACKEND', Kind: 'default', User: 'svc', Description: 'for orders' },
      },
      "PUT UserCredentials('BACKEND')": { status: 202 },
      'POST UserCredentials': { status: 202 },
      "DELETE UserCredentials('BACKEND')": { status: 202 },
      'GET InboundRefusals': { d: { results: [refusal] } },
    })
  })
  beforeEach(() => {
    api.received.length = 0
  })
  after(() => api[Symbol.asyncDispose]())
  const lastBody = (): unknown => JSON.parse(api.received.at(-1)?.body ?? '')

  it('status lists what is deployed, its addresses and its problems', async () => {
    const { out, code } = await run(['status'])
    assert.equal(code, 0)
    assert.match(
      out,
      /^ID +TYPE +VERSION +STATUS +DEPLOYED ON +ENDPOINTS\nOrders +INTEGRATION_FLOW +1\.0\.2 +STARTED +[\d: -]+ +https:\/\/h\/http\/a\n +https:\/\/h\/http\/b\nBroken .*ERROR/,
    )
    assert.match(
      out,
      /\n\nOrders {2}signed by CN=Publisher \(f{64}\): trusted\nBroken {2}the signature is invalid: the files/,
    )
    assert.match(out, /\n\nBroken\n {2}One is wrong\.\n {4}at Broken\.iflw:3\n {4}Mend it\.\n$/)
  })

  it('status of one artifact is one JSON object', async () => {
    const { out } = await run(['status', 'Orders', '--json'])
    const { id, status, deployedOn, endpoints, signature } = JSON.parse(out) as Record<string, unknown>
    assert.deepEqual(signature, {
      status: 'valid',
      signer: 'CN=Publisher',
      fingerprint: 'f'.repeat(64),
      signedAt: '2026-03-01T12:00:00.000Z',
    })
    assert.deepEqual(
      { id, status, deployedOn, endpoints },
      {
        id: 'Orders',
        status: 'STARTED',
        deployedOn: '2026-03-01T12:00:00.000Z',
        endpoints: ['https://h/http/a', 'https://h/http/b'],
      },
    )
  })

  it('sandbox shows the layers around scripts, and why one is missing', async () => {
    const { out } = await run(['sandbox'])
    assert.match(
      out,
      /^javascript \(not complete: run no script that you do not trust\)\nLAYER +STATE +WHY\nfiles +off +not installed\n$/,
    )
    const [found] = JSON.parse((await run(['sandbox', '--json'])).out) as { language: string; complete: boolean }[]
    assert.deepEqual([found?.language, found?.complete], ['javascript', false])
  })

  it('review says what rules find in what is deployed', async () => {
    const { code, out } = await run(['review', 'Orders'])
    assert.equal(code, 0)
    assert.match(
      out,
      /It prints\. {2}print\n {4}Log\.\n {4}at a[^\u001b]*\.groovy:7\n\nCodeNarc did not run: no Java\.\n$/,
    )
    assert.match((await run(['review', 'Clean'])).out, /^No rule is broken\.\n$/)
    assert.deepEqual(JSON.parse((await run(['review', 'Clean', '--json'])).out), {
      id: 'Clean',
      findings: [],
      codeNarc: { status: 'ran' },
    })
    assert.equal((await run(['review', 'Nothing'])).code, 1)
  })

  it('undeploy stops an artifact, and says when there is none', async () => {
    assert.deepEqual(await run(['undeploy', 'Orders']), { code: 0, out: 'undeployed  Orders\n', err: '' })
    const missing = await run(['undeploy', 'Other', '--json'])
    assert.equal(missing.code, 1)
    assert.equal((JSON.parse(missing.err) as { code: string }).code, 'cli.notFound')
  })

  it('log-level sets the level', async () => {
    assert.equal((await run(['log-level', 'Orders', 'TRACE'])).code, 0)
    assert.deepEqual(lastBody(), { LogLevel: 'TRACE' })
  })

  it('configure lists the parameters', async () => {
    assert.equal(
      (await run(['configure', 'Orders'])).out,
      'NAME     VALUE        TYPE        DESCRIPTION\naddress  the address  xsd:string\nrole     the role     xsd:string\n',
    )
  })

  it('configure sets parameters, or none where one is unknown', async () => {
    assert.match((await run(['configure', 'Orders', 'role=a=b'])).out, /role +a=b/)
    assert.deepEqual(lastBody(), { ParameterValue: 'a=b' })
    api.received.length = 0
    const wrong = await run(['configure', 'Orders', 'role=x', 'rolle=y'])
    assert.deepEqual(
      [wrong.code, wrong.err],
      [2, 'sluice: Orders has no parameter rolle, did you mean role?\nSee sluice help configure.\n'],
    )
    assert.deepEqual(api.writes(), [])
  })

  it('credentials list shows no password', async () => {
    assert.equal(
      (await run(['credentials', 'list'])).out,
      'NAME     KIND     USER  DESCRIPTION\nBACKEND  default  svc   for orders\n',
    )
  })

  it('credentials set changes what is there, with the password of standard input', async () => {
    assert.deepEqual(await run(['credentials', 'set', 'BACKEND', '--user', 'svc2'], 'pass word\r\nnext line'), {
      code: 0,
      out: 'changed  BACKEND\n',
      err: '',
    })
    assert.deepEqual(lastBody(), {
      Name: 'BACKEND',
      Kind: 'default',
      Description: 'for orders',
      User: 'svc2',
      Password: 'pass word',
    })
  })

  it('credentials set creates what is new', async () => {
    assert.equal((await run(['credentials', 'set', 'NEW', '--user', 'u'], 'p')).out, 'created  NEW\n')
    assert.deepEqual(api.writes(), ['POST UserCredentials'])
  })

  it('credentials set needs a password, and takes none as an argument', async () => {
    const none = await run(['credentials', 'set', 'NEW', '--user', 'u'], '')
    assert.deepEqual([none.code, api.writes()], [1, []])
    const given = await run(['credentials', 'set', 'NEW', '--user', 'u', '--password', 'x'])
    assert.equal(given.code, 2)
    assert.match(given.err, /--password is no flag/)
  })

  it('credentials remove removes', async () => {
    assert.equal((await run(['credentials', 'remove', 'BACKEND'])).code, 0)
    assert.deepEqual(api.writes(), ["DELETE UserCredentials('BACKEND')"])
  })

  it('refusals lists why calls were refused, harmless for a terminal', async () => {
    const { out } = await run(['refusals'])
    assert.match(
      out,
      /^TIME +REFERENCE +STATUS +STAGE +FROM +CALL +REASON\n[\d: -]+ABC123 +403 +role +10\.0\.0\.9 +POST \/http\/orders\ufffd\]0;x\ufffd +The role is missing\.\n$/,
    )
  })

  it('refusals explains one by its reference', async () => {
    const { out } = await run(['refusals', '--reference', 'abc123', '--since', '2026-03-01'])
    assert.match(out, /^Remedy +Add it\.$/m)
    assert.equal(
      api.received[0]?.path,
      "InboundRefusals?$filter=Reference eq 'ABC123' and Time ge datetime'2026-03-01T00:00:00.000'&$orderby=Time desc&$top=20",
    )
  })

  it('refusals follows: what is new within two seconds, each once, until the signal', async () => {
    const one = (reference: string, time: number) => ({ Reference: reference, Time: `/Date(${time})/`, Reason: 'No.' })
    let polls = 0
    const results = () => (++polls === 1 ? [one('A', noon)] : [one('B', noon + 1_000), one('A', noon)])
    await using other = await serveManagementApi({ 'GET InboundRefusals': () => ({ d: { results: results() } }) })
    const end = new AbortController()
    const times: number[] = []
    const watch = (out: string): void => {
      times.push(Date.now())
      if (out.trimEnd().split('\n').length >= 2) end.abort()
    }
    const ran = await sluice(['refusals', '--follow', '--json'], { folder: other.folder, signal: end.signal, watch })
    const seen = ran.out.trimEnd().split('\n')
    assert.deepEqual(
      seen.map((line) => (JSON.parse(line) as { Reference: string }).Reference),
      ['A', 'B'],
    )
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) < 2_000)
  })

  it('a missing role is named, with what to do', async () => {
    api.routes['GET UserCredentials'] = errorReply(403, 'api.roleMissing', 'The role CredentialsRead is missing.')
    const ran = await run(['credentials', 'list'])
    assert.deepEqual([ran.code, ran.out], [1, ''])
    assert.match(ran.err, /^sluice: The role CredentialsRead is missing\.\n.*SLUICE_KEY.*\n$/)
  })
})

describe('the prompt for a secret', () => {
  const typed = async (keys: string) => {
    const modes: boolean[] = []
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) })
    let shown = ''
    const secret = promptSecret('Password', input, { write: (text) => (shown += String(text)) })
    input.write(keys)
    return { secret: await secret.catch((error: { code: string }) => error.code), shown, modes }
  }
  const cases: [string, string, string][] = [
    ['what is typed', 'secret\r', 'secret'],
    ['corrections', 'secrx\u007fet\r', 'secret'],
    ['letters beyond ASCII', 'pä\u007fß€\r', 'pß€'],
    ['Ctrl-C', 'sec\u0003', 'cli.credentialsAbsent'],
  ]
  for (const [what, keys, expected] of cases) {
    it(`takes ${what} without showing it`, async () => {
      assert.deepEqual(await typed(keys), { secret: expected, shown: 'Password: \n', modes: [true, false] })
    })
  }
})
