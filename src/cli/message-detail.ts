import { entitiesOf, type Entity, isoOf, localTime, textOf, timeOf } from './api/entity.ts'
import { entity, query } from './api/odata-address.ts'
import { durationWords, type LogLine, logLine, logRecord, tookOfLine } from './message-log.ts'
import type { Output } from './output.ts'
import type { Session } from './session.ts'
import { facts, table } from './table.ts'

interface Step {
  readonly runId: string
  readonly childCount: string
  readonly modelStepId: string
  readonly activity: string
  readonly branch: string
  readonly status: string
  readonly error: string
  readonly start: number | undefined
  /** Milliseconds. */
  readonly took: number | undefined
  readonly traces: readonly Trace[]
}

interface Trace {
  readonly id: string
  readonly mimeType: string
  readonly size: string
  readonly payload: string
  readonly headers: readonly Pair[]
  readonly properties: readonly Pair[]
}

interface Pair {
  readonly name: string
  readonly value: string
}

/** One message in full. */
export interface MessageDetail {
  readonly line: LogLine
  readonly error: string
  readonly errorStep: string
  readonly customHeaders: readonly Pair[]
  readonly attachments: readonly {
    readonly id: string
    readonly name: string
    readonly contentType: string
    readonly size: string
  }[]
  readonly steps: readonly Step[]
}

/** Reads a message with its run, and with what the steps saw where the message was traced and `traced` asks for it. */
export async function readMessage(session: Session, id: string, traced: boolean): Promise<MessageDetail> {
  const api = session.api()
  const address = entity`MessageProcessingLogs(${id})`
  const log = await api.entity(address)
  const [error, information, customHeaders, attachments, runs] = await Promise.all([
    api.content(`${address}/ErrorInformation/$value`),
    api.find(`${address}/ErrorInformation`),
    api.list(`${address}/CustomHeaderProperties`),
    api.list(`${address}/Attachments`),
    api.list(`${address}/Runs`),
  ])
  const steps: Step[] = []
  for (const run of runs) {
    const address = `${entity`MessageProcessingLogRuns(${textOf(run, 'Id')})`}/RunSteps${query({ $expand: 'RunStepProperties' })}`
    for (const step of await api.list(address)) steps.push(await readStep(session, step, traced))
  }
  return {
    line: logLine(log),
    error: error?.toString().trim() ?? '',
    errorStep: information === undefined ? '' : textOf(information, 'LastErrorModelStepId'),
    customHeaders: customHeaders.map(pair),
    attachments: attachments.map((each) => ({
      id: textOf(each, 'Id'),
      name: textOf(each, 'Name'),
      contentType: textOf(each, 'ContentType'),
      size: textOf(each, 'PayloadSize'),
    })),
    steps,
  }
}

async function readStep(session: Session, step: Entity, traced: boolean): Promise<Step> {
  const runId = textOf(step, 'RunId')
  const childCount = textOf(step, 'ChildCount')
  return {
    runId,
    childCount,
    modelStepId: textOf(step, 'ModelStepId'),
    activity: textOf(step, 'Activity'),
    branch: textOf(step, 'BranchId'),
    status: textOf(step, 'Status'),
    error: textOf(step, 'Error'),
    start: timeOf(step, 'StepStart'),
    took: tookOf(step),
    traces: traced ? await readTraces(session, runId, childCount) : [],
  }
}

/** Sluice says it in microseconds; the dates of the original end at milliseconds. */
function tookOf(step: Entity): number | undefined {
  const properties = entitiesOf(step, 'RunStepProperties').map(pair)
  const micros = properties.find(({ name }) => name === 'DurationInMicroseconds')?.value
  if (micros !== undefined && /^\d+$/.test(micros)) return Number(micros) / 1000
  const [start, stop] = [timeOf(step, 'StepStart'), timeOf(step, 'StepStop')]
  return start === undefined || stop === undefined ? undefined : stop - start
}

async function readTraces(session: Session, runId: string, childCount: string): Promise<readonly Trace[]> {
  const api = session.api()
  const found = await api.list(
    `${entity`MessageProcessingLogRunSteps(RunId=${runId},ChildCount=`}${childCount})/TraceMessages`,
  )
  return Promise.all(
    found.map(async (trace) => {
      const address = `TraceMessages(${textOf(trace, 'TraceId')}L)`
      const [payload, headers, properties] = await Promise.all([
        api.content(`${address}/$value`),
        api.list(`${address}/Properties`),
        api.list(`${address}/ExchangeProperties`),
      ])
      return {
        id: textOf(trace, 'TraceId'),
        mimeType: textOf(trace, 'MimeType'),
        size: textOf(trace, 'PayloadSize'),
        payload: payload?.toString() ?? '',
        headers: headers.map(pair),
        properties: properties.map(pair),
      }
    }),
  )
}

const pair = (each: Entity): Pair => ({ name: textOf(each, 'Name'), value: textOf(each, 'Value') })

/** The record of a message that `--json` prints. */
export const detailRecord = ({ line, steps, ...rest }: MessageDetail) => ({
  ...logRecord(line),
  ...rest,
  steps: steps.map(({ start, ...step }) => ({ ...step, start: isoOf(start) })),
})

/** A message in words. */
export function detailWords(
  { line, error, errorStep, customHeaders, attachments, steps }: MessageDetail,
  output: Output,
): string {
  const head = facts([
    ['Message', line.id],
    ['Flow', line.flow],
    [
      'Status',
      [output.tone(line.status), line.customStatus === line.status ? '' : line.customStatus].filter(Boolean).join('  '),
    ],
    ['Start', localTime(line.start)],
    ['Took', durationWords(tookOfLine(line))],
    ['Correlation', line.correlationId],
    ['Sender', line.sender],
    ['Receiver', line.receiver],
    ['Log level', line.level],
  ])
  const rows = steps.map((step) => [
    step.start === undefined || line.start === undefined ? '' : `+${step.start - line.start} ms`.padStart(9),
    durationWords(step.took).padStart(9),
    output.tone(step.status),
    step.activity,
    step.modelStepId,
    step.error,
  ])
  const sections = [
    ['Error', [errorStep === '' ? '' : `in step ${errorStep}`, error].filter(Boolean).join('\n')],
    ['Custom headers', facts(customHeaders.map(({ name, value }) => [name, value]))],
    [
      'Attachments',
      attachments.length === 0
        ? ''
        : table(
            ['Name', 'Type', 'Bytes'],
            attachments.map((a) => [a.name, a.contentType, a.size]),
          ),
    ],
    ['Steps', rows.length === 0 ? '' : table(['At', '     Took', 'Status', 'Step', 'Element', 'Error'], rows)],
    ...steps.flatMap((step) =>
      step.traces.map((trace) => [`Before ${step.activity || step.modelStepId}`, traceWords(trace)]),
    ),
  ]
  return [head, ...sections.filter(([, words]) => words).map(([title, words]) => `${title}\n${words}`)].join('\n\n')
}

const traceWords = ({ mimeType, size, payload, headers, properties }: Trace): string =>
  [
    table(undefined, [
      ...headers.map(({ name, value }) => ['header', name, value]),
      ...properties.map(({ name, value }) => ['property', name, value]),
      ['payload', mimeType, `${size} bytes`],
    ]),
    ...(payload === '' ? [] : [payload]),
  ].join('\n')
