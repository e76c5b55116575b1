import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import type { MessageEnded, MessageEvent } from '../monitor/index.ts'

const api = await newTestApi()
after(api.dispose)
const start = Date.UTC(2026, 0, 31, 10)

const ended = (id: string, more: Partial<MessageEnded> = {}): MessageEnded => ({
  event: 'ended',
  id,
  correlationId: `c-${id}`,
  flowId: 'Orders',
  flowName: 'Order flow',
  packageId: 'P',
  start,
  end: start + 1500,
  level: 'INFO',
  sender: '',
  principal: 'svc',
  node: 'n1',
  status: 'COMPLETED',
  receiver: '',
  customStatus: '',
  applicationId: '',
  applicationType: '',
  predecessor: '',
  error: undefined,
  customHeaders: [],
  properties: [],
  attachments: [],
  steps: [],
  ...more,
})

const content = JSON.stringify({
  headers: { A: '1' },
  properties: { p: '2' },
  payload: Buffer.from('<in/>').toString('base64'),
})
const step = (id: string) => ({
  id,
  name: '',
  type: 'Script',
  start,
  micros: 2500,
  branch: '',
  error: undefined,
  trace: undefined,
})
const events: MessageEvent[] = [
  ended('m1', {
    status: 'FAILED',
    customStatus: 'BadOrder',
    sender: 'SHOP',
    applicationId: 'A1',
    error: { code: 'x', message: 'It broke <here>', className: 'java.lang.Exception', stepId: 'S2' },
    customHeaders: [
      ['po_number', '12345'],
      ['kind', 'x'],
    ],
    attachments: [
      {
        id: 'att1',
        name: 'in.xml',
        contentType: 'application/xml',
        size: 5,
        sealed: api.sealer.seal(Buffer.from('<in/>'), 'attachment:att1'),
      },
      {
        id: 'att2',
        name: 'evil',
        contentType: 'text/html\r\nx: y',
        size: 1,
        sealed: api.sealer.seal(Buffer.from('x'), 'attachment:att2'),
      },
    ],
  }),
  ended('m2', {
    start: start + 60_000,
    end: start + 61_000,
    level: 'TRACE',
    steps: [
      step('S1'),
      {
        ...step('S2'),
        name: 'Map',
        error: 'failed',
        trace: {
          payloadSize: 5,
          mimeType: 'application/xml',
          truncated: false,
          expires: start + 1e9,
          sealed: api.sealer.seal(Buffer.from(content), 'trace:m2'),
        },
      },
    ],
  }),
  ended('m3', {
    start: start + 60_000,
    end: start + 62_000,
    level: 'TRACE',
    customHeaders: [['po_number', '999']],
    flowId: 'Other',
    flowName: 'Other flow',
  }),
  {
    event: 'started',
    id: 'm4',
    correlationId: 'c',
    flowId: 'Orders',
    flowName: 'Order flow',
    packageId: 'P',
    start: start + 120_000,
    level: 'INFO',
    sender: '',
    principal: '',
    node: 'n1',
  },
]
await api.stores.messages.apply(events, { node: 'n1', segment: 1, offset: 1 })

const guids = async (query: string): Promise<readonly string[]> =>
  (await api.read(`GET /MessageProcessingLogs?${query}`)).results.map(
    ({ MessageGuid }: { MessageGuid: string }) => MessageGuid,
  )

const questions: readonly (readonly [query: string, expected: readonly string[]])[] = [
  ["$filter=IntegrationArtifact/Id+eq+'Orders'+and+Status+ne+'DISCARDED'&$orderby=LogEnd+desc&$top=1", ['m2']],
  [
    "$filter=IntegrationFlowName eq 'Orders' and Status ne 'DISCARDED' and LogStart gt datetime'2026-01-31T10:00:30'&$orderby=LogStart desc",
    ['m4', 'm2'],
  ],
  ["$filter=LogEnd gt datetime'2026-01-31T10:00:00Z' and LogEnd lt datetime'2026-01-31T10:00:02Z'", ['m1']],
  ["$filter=Status eq 'FAILED' or Status eq 'PROCESSING'&$orderby=MessageGuid", ['m1', 'm4']],
  ["$filter='FAILED' eq Status", ['m1']],
  ["$filter=datetime'2026-01-31T10:01:30' lt LogStart", ['m4']],
  ["$filter=not (Status eq 'COMPLETED')&$orderby=MessageGuid desc", ['m4', 'm1']],
  ["$filter=CustomStatus eq 'BadOrder'", ['m1']],
  ["$filter=CustomStatus eq 'FAILED'", []],
  ["$filter=CustomStatus eq 'COMPLETED'&$orderby=MessageGuid", ['m2', 'm3']],
  ["$filter=CustomStatus ne 'COMPLETED'&$orderby=MessageGuid", ['m1', 'm4']],
  ["$filter=Sender eq 'SHOP' and ApplicationMessageId eq 'A1'", ['m1']],
  ['$filter=Sender eq null&$orderby=MessageGuid', ['m2', 'm3', 'm4']],
  ["$filter=MessageGuid eq 'm3' and CorrelationId eq 'c-m3'", ['m3']],
  ["$filter=substringof('ther',IntegrationFlowName) eq true", ['m3']],
  ["$filter=startswith(IntegrationArtifact/Name,'Other')", ['m3']],
  ["$filter=endswith(CorrelationId,'m1')", ['m1']],
  ["$filter=LogLevel eq 'TRACE'&$orderby=MessageGuid&$skip=1", ['m3']],
  ['$orderby=LogStart desc,MessageGuid desc&$top=2', ['m4', 'm3']],
]
describe('questions to the message log', () => {
  for (const [query, expected] of questions) it(query, async () => assert.deepEqual(await guids(query), expected))

  for (const [query, status] of [
    ["$filter=tolower(Status) eq 'failed'", 501],
    ["$filter=AlternateWebLink eq ''", 501],
    ['$filter=LogEnd eq null', 501],
    ['$filter=Sender eq Receiver', 501],
    ['$orderby=AlternateWebLink', 501],
    ['$filter=year(LogEnd) eq 2026', 501],
    ["$filter=Colour eq 'red'", 400],
    ['$filter=Status eq', 400],
    ['$search=x', 501],
  ] as const) {
    it(`${query} is ${status} with a reason`, async () => {
      const answer = await api.ask(`GET /MessageProcessingLogs?${query}`)
      assert.equal(answer.status, status)
      assert.ok(JSON.parse(String(answer.body)).error.message.value.length > 20)
    })
  }
})

describe('a message', () => {
  it('shows its facts', async () => {
    const found = await api.read("GET /MessageProcessingLogs('m1')")
    assert.deepEqual(
      [
        found.LogStart,
        found.LogEnd,
        found.Status,
        found.CustomStatus,
        found.IntegrationFlowName,
        found.LastChangeTime,
        found.Receiver,
      ],
      [`/Date(${start})/`, `/Date(${start + 1500})/`, 'FAILED', 'BadOrder', 'Orders', String(start + 1500), null],
    )
    assert.deepEqual(found.IntegrationArtifact, {
      __metadata: { type: 'com.sap.hci.api.IntegrationArtifact' },
      Id: 'Orders',
      Name: 'Order flow',
      Type: 'INTEGRATION_FLOW',
      PackageId: 'P',
      PackageName: null,
    })
    assert.equal((await api.read("GET /MessageProcessingLogs('m4')")).LogEnd, null)
    assert.equal((await api.ask("GET /MessageProcessingLogs('none')")).status, 404)
  })

  it('shows its error as an entity and as text', async () => {
    const error = await api.read("GET /MessageProcessingLogs('m1')/ErrorInformation")
    assert.deepEqual([error.MessageGuid, error.Type, error.LastErrorModelStepId], ['m1', 'java.lang.Exception', 'S2'])
    const text = await api.ask("GET /MessageProcessingLogs('m1')/ErrorInformation/$value")
    assert.deepEqual(
      [text.status, text.headers['content-type'], text.body],
      [200, 'text/plain;charset=utf-8', 'It broke <here>'],
    )
    assert.equal((await api.ask("GET /MessageProcessingLogs('m2')/ErrorInformation/$value")).status, 204)
    assert.equal((await api.ask("GET /MessageProcessingLogs('m2')/ErrorInformation")).status, 404)
  })

  it('shows its custom headers, attachments, and what is empty', async () => {
    const names = (await api.read("GET /MessageProcessingLogs('m1')/CustomHeaderProperties?$orderby=Name")).results.map(
      (one: Record<string, unknown>) => one.Name,
    )
    assert.deepEqual(names, ['kind', 'po_number'])
    const [attachment] = (await api.read("GET /MessageProcessingLogs('m1')/Attachments")).results
    assert.deepEqual(
      [attachment.Id, attachment.Name, attachment.PayloadSize, attachment.TimeStamp],
      ['att1', 'in.xml', '5', `/Date(${start})/`],
    )
    for (const part of ['AdapterAttributes', 'MessageStoreEntries']) {
      assert.deepEqual((await api.read(`GET /MessageProcessingLogs('m1')/${part}`)).results, [])
    }
    const expanded = await api.read(
      "GET /MessageProcessingLogs('m1')?$expand=CustomHeaderProperties,ErrorInformation,Runs/RunSteps",
    )
    assert.equal(expanded.CustomHeaderProperties.results.length, 2)
    assert.equal(expanded.ErrorInformation.Type, 'java.lang.Exception')
    assert.deepEqual(expanded.Runs.results[0].RunSteps, { results: [] })
  })

  it('gives its attachments to those who may read payloads', async () => {
    const answer = await api.ask("GET /MessageProcessingLogAttachments('att1')/$value")
    assert.deepEqual(
      [answer.status, answer.headers['content-type'], String(answer.body)],
      [200, 'application/xml', '<in/>'],
    )
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="in.xml"')
    const evil = await api.ask("GET /MessageProcessingLogAttachments('att2')/$value")
    assert.equal(evil.headers['content-type'], 'application/octet-stream')
    assert.equal(evil.headers['x-content-type-options'], 'nosniff')
    assert.equal((await api.ask("GET /MessageProcessingLogAttachments('none')/$value")).status, 404)
    assert.equal(
      (await api.ask("GET /MessageProcessingLogAttachments('att1')/$value", { roles: ['MonitoringDataRead'] })).status,
      403,
    )
    assert.equal(
      (await api.ask("GET /MessageProcessingLogAttachments('att1')", { roles: ['MonitoringDataRead'] })).status,
      200,
    )
  })

  it('shows its run, steps and traces', async () => {
    const runs = await api.read("GET /MessageProcessingLogs('m2')/Runs?$inlinecount=allpages&$top=200")
    assert.equal(runs.__count, '1')
    const [run] = runs.results
    assert.deepEqual(
      [run.OverallState, run.LogLevel, run.RunStart],
      ['COMPLETED', 'TRACE', `/Date(${start + 60_000})/`],
    )
    const steps = await api.read(
      `GET /MessageProcessingLogRuns('${run.Id}')/RunSteps?$expand=RunStepProperties&$inlinecount=allpages&$skip=0&$top=300`,
    )
    assert.equal(steps.__count, '2')
    const [first, second] = steps.results
    assert.deepEqual([first.ModelStepId, first.Status, first.StepStop], ['S1', 'COMPLETED', `/Date(${start + 3})/`])
    assert.deepEqual([second.ChildCount, second.Activity, second.Status, second.Error], [1, 'Map', 'FAILED', 'failed'])
    assert.deepEqual(second.RunStepProperties.results[0].Value, 'Script')
    assert.deepEqual(
      (await api.read(`GET /MessageProcessingLogRunSteps(RunId='${run.Id}',ChildCount=0)/TraceMessages`)).results,
      [],
    )
    const [trace] = (await api.read(`GET /MessageProcessingLogRunSteps(RunId='${run.Id}',ChildCount=1)/TraceMessages`))
      .results
    assert.deepEqual(
      [trace.MplId, trace.ModelStepId, trace.PayloadSize, trace.MimeType],
      ['m2', 'S2', '5', 'application/xml'],
    )
    for (const key of [trace.TraceId, `${trace.TraceId}L`]) {
      const payload = await api.ask(`GET /TraceMessages(${key})/$value`)
      assert.deepEqual(
        [payload.status, payload.headers['content-type'], String(payload.body)],
        [200, 'application/xml', '<in/>'],
      )
    }
    assert.equal((await api.read(`GET /TraceMessages(${trace.TraceId})`)).MplId, 'm2')
    const values = async (part: string) =>
      (await api.read(`GET /TraceMessages(${trace.TraceId})/${part}`)).results.map((one: Record<string, unknown>) => [
        one.Name,
        one.Value,
      ])
    assert.deepEqual(await values('Properties'), [['A', '1']])
    assert.deepEqual(await values('ExchangeProperties'), [['p', '2']])
    for (const id of ['0', '1', '9223372036854775807', String(BigInt(trace.TraceId) - 1n)]) {
      assert.equal((await api.ask(`GET /TraceMessages(${id})/$value`)).status, 404, id)
    }
    assert.equal(
      (await api.ask(`GET /TraceMessages(${trace.TraceId})/$value`, { roles: ['MonitoringDataRead'] })).status,
      403,
    )
  })

  it('does not show its traces inline either to those who may not read payloads', async () => {
    const line = "GET /MessageProcessingLogs('m2')/Runs?$expand=RunSteps/TraceMessages"
    const [run] = (await api.read(line)).results
    assert.equal(run.RunSteps.results[1].TraceMessages.results[0].MplId, 'm2')
    assert.equal((await api.ask(line, { roles: ['MonitoringDataRead'] })).status, 403)
  })

  it('cannot be cancelled yet', async () => {
    assert.equal((await api.ask("POST /CancelMessageProcessingLog?Id='m4'")).status, 501)
  })
})

describe('custom headers of all messages', () => {
  const set = 'MessageProcessingLogCustomHeaderProperties'
  it('are found by name and value, with their message', async () => {
    const { results } = await api.read(
      `GET /${set}?$filter=Name eq 'po_number' and Value eq '12345'&$expand=Log&$format=json`,
    )
    assert.deepEqual(
      results.map((one: Record<string, Record<string, unknown>>) => [one.Value, one.Log?.MessageGuid]),
      [['12345', 'm1']],
    )
    assert.equal((await api.read(`GET /${set}?$filter=Name eq 'po_number'&$inlinecount=allpages`)).__count, '2')
    assert.equal((await api.ask(`GET /${set}/$count`)).body, '3')
  })
  it('cannot be asked otherwise', async () => {
    for (const filter of ["Name ne 'x'", "Name eq 'a' or Value eq 'b'", "substringof('a',Name)"]) {
      assert.equal((await api.ask(`GET /${set}?$filter=${filter}`)).status, 501, filter)
    }
  })
})

it('a long log comes in pages of 1000, linked to the end', async () => {
  const many = Array.from({ length: 2300 }, (_, index) =>
    ended(`p${String(index).padStart(4, '0')}`, { flowId: 'Pages', start: start + index }),
  )
  await api.stores.messages.apply(many, { node: 'n1', segment: 1, offset: 2 })
  const sizes: number[] = []
  const seen = new Set<string>()
  for (
    let next = "x?$filter=IntegrationArtifact/Id eq 'Pages'&$orderby=LogStart desc&$inlinecount=allpages";
    next !== '';
  ) {
    const page = await api.read(`GET /MessageProcessingLogs${next.slice(next.indexOf('?'))}`)
    assert.equal(page.__count, '2300')
    sizes.push(page.results.length)
    for (const { MessageGuid } of page.results) seen.add(MessageGuid)
    next = page.__next ?? ''
  }
  assert.deepEqual(sizes, [1000, 1000, 300])
  assert.equal(seen.size, 2300)
  assert.equal(
    (await api.ask("GET /MessageProcessingLogs/$count?$filter=IntegrationArtifact/Id eq 'Pages'")).body,
    '2300',
  )
  assert.equal((await guids("$filter=IntegrationArtifact/Id eq 'Pages'&$skiptoken=2000")).length, 300)
})
