/** Sketches of a flow's parts for tests; `iflw.ts` writes them out. */

/** Rows of a table: cells by name, or by position. */
export type Rows = readonly (Readonly<Record<string, string>> | readonly string[])[]
export type Settings = Readonly<Record<string, string | Rows>>

export interface ElementSketch {
  readonly id: string
  readonly name?: string
  /** BPMN element, such as `callActivity`. */
  readonly tag: string
  readonly event?: 'message' | 'timer' | 'error' | 'escalation' | 'terminate'
  readonly settings: Settings
  readonly loop?: { readonly maximum: string; readonly condition: string }
}

export interface RouteSketch {
  readonly from: string
  readonly to: string
  readonly id?: string
  /** Condition; a text that begins with '/' is XPath, everything else Simple, unless `type` says otherwise. */
  readonly when?: string
  readonly type?: 'XML' | 'NonXML'
  readonly otherwise?: boolean
}

export interface ProcessSketch {
  readonly id: string
  readonly name?: string
  readonly local?: boolean
  readonly settings?: Settings
  readonly elements: readonly ElementSketch[]
  /** Absent: the elements follow one another. */
  readonly routes?: readonly RouteSketch[]
  /** Elements of the exception subprocess; error start and message end are added when they are missing. */
  readonly exception?: readonly ElementSketch[]
}

export interface ChannelSketch {
  readonly id?: string
  readonly name?: string
  readonly adapter: string
  readonly direction: 'Sender' | 'Receiver'
  readonly messageProtocol?: string
  readonly transportProtocol?: string
  /** Name of the participant. */
  readonly partner: string
  /** Id of the element of the flow. */
  readonly element: string
  /** True where the arrow points from the receiver to the step, as for a content enricher. */
  readonly reversed?: boolean
  readonly settings: Settings
}

export interface ModelSketch {
  /** Settings of the flow itself: `namespaceMapping`, `allowedHeaderList`, … */
  readonly settings?: Settings
  readonly channels?: readonly ChannelSketch[]
  readonly processes: readonly ProcessSketch[]
}

// --- elements -----------------------------------------------------------------------------------------------------

export const messageStart = (id = 'Start', settings: Settings = {}): ElementSketch => ({
  id,
  tag: 'startEvent',
  event: 'message',
  settings: { cmdVariantUri: variant('MessageStartEvent', '1.0'), ...settings },
})

/** A timer; without a schedule it fires once, when the flow is deployed. */
export const timerStart = (
  id = 'Timer',
  schedule: string = 'fireNow=true',
  settings: Settings = {},
): ElementSketch => ({
  id,
  tag: 'startEvent',
  event: 'timer',
  settings: {
    activityType: 'StartTimerEvent',
    cmdVariantUri: variant('intermediatetimer', '1.3.0'),
    scheduleKey: [
      ['triggerType', schedule === 'fireNow=true' ? 'simple' : 'cron'],
      ['schedule1', schedule],
      ['noOfSchedules', '1'],
    ],
    ...settings,
  },
})

/** Start of a local process. */
export const localStart = (id = 'LocalStart'): ElementSketch => ({
  id,
  tag: 'startEvent',
  settings: { activityType: 'StartEvent', cmdVariantUri: variant('StartEvent', '1.0') },
})

export const errorStart = (id = 'ErrorStart'): ElementSketch => ({
  id,
  tag: 'startEvent',
  event: 'error',
  settings: { activityType: 'StartErrorEvent', cmdVariantUri: variant('ErrorStartEvent', '1.0') },
})

export const messageEnd = (id = 'End'): ElementSketch => ({
  id,
  tag: 'endEvent',
  event: 'message',
  settings: { cmdVariantUri: variant('MessageEndEvent', '1.1') },
})

/** End of a local process. */
export const localEnd = (id = 'LocalEnd'): ElementSketch => ({
  id,
  tag: 'endEvent',
  settings: { activityType: 'EndEvent', cmdVariantUri: variant('EndEvent', '1.1') },
})

export const errorEnd = (id = 'ErrorEnd'): ElementSketch => ({
  id,
  tag: 'endEvent',
  event: 'error',
  settings: { activityType: 'EndErrorEvent', cmdVariantUri: variant('ErrorEndEvent', '1.1') },
})

export const escalationEnd = (id = 'EscalationEnd', errorCode = 'ReceiverNotFound'): ElementSketch => ({
  id,
  tag: 'endEvent',
  event: 'escalation',
  settings: {
    activityType: 'EscalationEndEvent',
    ErrorCode: errorCode,
    cmdVariantUri: variant('EscalationEndEvent', '1.0'),
  },
})

export const terminateEnd = (id = 'TerminateEnd'): ElementSketch => ({
  id,
  tag: 'endEvent',
  event: 'terminate',
  settings: { activityType: 'TerminateEvent', cmdVariantUri: variant('TerminateEvent', '1.0') },
})

/** A flow step: a call activity with its activity type and settings. A sub type is `subActivityType` in the settings. */
export const step = (id: string, activityType: string, settings: Settings = {}): ElementSketch => ({
  id,
  tag: 'callActivity',
  settings: { activityType, cmdVariantUri: variant(activityType, '1.0.0'), ...settings },
})

/** A step that uses a channel: Request Reply by default, or `Send`, `contentEnricherWithLookup`, … */
export const externalCall = (id: string, activityType = 'ExternalCall', settings: Settings = {}): ElementSketch => ({
  id,
  tag: 'serviceTask',
  settings: { activityType, cmdVariantUri: variant(activityType, '1.0.4'), ...settings },
})

/** Calls a local process; with `loop`, as long as its condition holds. */
export const processCall = (id: string, processId: string, loop?: ElementSketch['loop']): ElementSketch => ({
  ...step(id, 'ProcessCallElement', {
    processId,
    subActivityType: loop === undefined ? 'NonLoopingProcess' : 'LoopingProcess',
    ...(loop && { expressionType: 'Non XML', postProcessing: 'throwException' }),
  }),
  ...(loop && { loop }),
})

export const router = (id = 'Router', settings: Settings = {}): ElementSketch => ({
  id,
  tag: 'exclusiveGateway',
  settings: { activityType: 'ExclusiveGateway', cmdVariantUri: variant('ExclusiveGateway', '1.1.2'), ...settings },
})

/** `Multicast`, `SequentialMulticast` or `Join`. */
export const parallel = (id: string, activityType: string, settings: Settings = {}): ElementSketch => ({
  id,
  tag: 'parallelGateway',
  settings: {
    activityType,
    ...(activityType !== 'Join' && { subActivityType: 'parallel' }),
    cmdVariantUri: variant(activityType, '1.1.1'),
    ...settings,
  },
})

export const groovyScript = (id: string, script: string, functionName = ''): ElementSketch =>
  step(id, 'Script', { subActivityType: 'GroovyScript', script, scriptFunction: functionName, scriptBundleId: '' })

/** `cmdVariantUri` of a step. */
export const variant = (name: string, version: string) => `ctype::FlowstepVariant/cname::${name}/version::${version}`

// --- routes -------------------------------------------------------------------------------------------------------

/** `route('Start', 'Router')`, `route('Router', 'A', "${header.x} = 'a'")`, `route('Router', 'B', 'otherwise')`. */
export const route = (from: string, to: string, when?: string): RouteSketch => ({
  from,
  to,
  ...(when === 'otherwise' ? { otherwise: true } : when !== undefined && { when }),
})

/** `chain('Start', 'A', 'B', 'End')`: routes from each to the next. */
export const chain = (...ids: readonly string[]): RouteSketch[] =>
  ids.slice(1).map((to, index) => ({ from: ids[index] ?? '', to }))

// --- processes and channels -----------------------------------------------------------------------------------------

export const mainProcess = (elements: readonly ElementSketch[], more: Partial<ProcessSketch> = {}): ProcessSketch => ({
  id: 'Process_1',
  name: 'Integration Process',
  elements,
  ...more,
})

/** A local process; its start and end are added when the first and the last element are none. */
export function localProcess(
  id: string,
  elements: readonly ElementSketch[],
  more: Partial<ProcessSketch> = {},
): ProcessSketch {
  const start = elements[0]?.tag === 'startEvent' ? [] : [localStart(`${id}_Start`)]
  const end = elements.at(-1)?.tag === 'endEvent' ? [] : [localEnd(`${id}_End`)]
  return { id, name: id, local: true, elements: [...start, ...elements, ...end], ...more }
}

/** A channel into the flow, to the start event `Start` unless `to` says otherwise. */
export const senderChannel = (
  adapter: string,
  settings: Settings = {},
  more: Partial<ChannelSketch> & { readonly to?: string } = {},
): ChannelSketch => {
  const { to = 'Start', ...rest } = more
  return { adapter, direction: 'Sender', partner: 'Sender', element: to, settings, ...rest }
}

/** A channel out of the flow, from the element `from`. */
export const receiverChannel = (
  adapter: string,
  from: string,
  settings: Settings = {},
  more: Partial<ChannelSketch> = {},
): ChannelSketch => ({ adapter, direction: 'Receiver', partner: 'Receiver', element: from, settings, ...more })

/** A row that a content modifier creates in its header or property table. */
export const modifierRow = (name: string, type: string, value: string, datatype = 'java.lang.String') => ({
  Action: 'Create',
  Type: type,
  Value: value,
  Default: '',
  Name: name,
  Datatype: datatype,
})
