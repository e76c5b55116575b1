import { silentLog, systemClock } from '../../src/base/index.ts'
import { type FieldProblem, type FieldSet, readFields } from '../../src/fields/index.ts'
import type {
  Bundle,
  Caught,
  Channel,
  ChannelContext,
  Element,
  Ended,
  FlowFacts,
  Next,
  Node,
  Outlet,
  OutboundService,
  OutgoingFlow,
  Receiver,
  Routine,
  Run,
  SecretServices,
  SecureStore,
  Services,
  Step,
  StepContext,
  Work,
} from '../../src/flow/index.ts'
import { Exchange } from '../../src/message/index.ts'
import { createLentSecrets } from '../../src/redaction/index.ts'

/** Raised when a test gives properties that the declaration refuses. */
export class PropertiesRefused extends Error {
  override readonly name = 'PropertiesRefused'
  readonly problems: readonly FieldProblem[]

  constructor(problems: readonly FieldProblem[], unknown: readonly string[]) {
    const words = problems.map(({ field, problem }) => `'${field}' ${problem}`)
    super([...words, ...unknown.map((name) => `'${name}' is not declared`)].join('; '))
    this.problems = problems
  }
}

export type RawProperties = Readonly<Record<string, string>>

/** Reads raw properties with the declaration of a step or adapter, as deployment does. @throws PropertiesRefused */
export function typedProperties(fields: FieldSet, raw: RawProperties) {
  const { values, problems, unknown } = readFields(fields, raw)
  if (problems.length > 0 || unknown.length > 0) throw new PropertiesRefused(problems, unknown)
  return values
}

/** Rows of a table as the flow reader hands them to a field. */
export const rows = (...cells: readonly RawProperties[]): string => JSON.stringify(cells)

export const flowFacts = (given: Partial<FlowFacts> = {}): FlowFacts => ({
  id: 'TestFlow',
  name: 'Test flow',
  version: '1.0.0',
  namespaces: new Map(),
  allowedHeaders: () => true,
  sessionHandling: 'None',
  returnExceptionToSender: false,
  ...given,
})

export const element = (given: Partial<Element> = {}): Element => ({
  id: 'Element_1',
  name: 'Element under test',
  tag: 'callActivity',
  event: undefined,
  activity: '',
  subActivity: '',
  version: '1.0',
  properties: new Map(),
  outgoing: [],
  defaultFlow: undefined,
  loop: undefined,
  line: undefined,
  ...given,
})

export const channel = (given: Partial<Channel> = {}): Channel => ({
  id: 'MessageFlow_1',
  name: 'Channel under test',
  source: 'Element_1',
  target: 'Participant_1',
  adapter: 'HTTP',
  direction: 'Receiver',
  messageProtocol: 'None',
  version: '1.0',
  properties: new Map(),
  line: undefined,
  ...given,
})

export const bundle = (
  given: { readonly channels?: readonly Channel[]; readonly settings?: RawProperties } = {},
): Bundle => ({
  type: 'IntegrationFlow',
  id: 'TestFlow',
  name: 'Test flow',
  version: '1.0.0',
  manifest: new Map(),
  model: {
    file: 'test.iflw',
    properties: new Map(Object.entries(given.settings ?? {})),
    participants: [],
    channels: given.channels ?? [],
    processes: [],
  },
  parameters: [],
  files: new Map(),
})

const absent = (name: string) => () => {
  throw new Error(`the test gave no ${name}`)
}

const absentSecrets: SecretServices = {
  credentials: { userCredential: absent('credential service'), secureParameter: absent('credential service') },
  keys: { privateKey: absent('keystore'), certificateChain: absent('keystore') },
}

const absentOutbound: OutboundService = {
  oauthCredential: absent('OAuth credential'),
  accessToken: absent('OAuth credential'),
  keyPair: absent('keystore'),
  mayImpersonate: absent('grant'),
  trustedServers: async () => nobodyTrusted,
  typeOf: async () => undefined,
}
const nobodyTrusted = { id: '', certificates: [] }

export type GivenServices = Partial<Omit<Services, 'credentials' | 'outbound'>> & {
  readonly credentials?: Partial<SecureStore>
  readonly outbound?: Partial<OutboundService>
}

/** Services of which each fails until the test gives its own; variables are kept in memory. Nobody asks for grants. */
export function services(given: GivenServices = {}): Services {
  const kept = new Map<string, string>()
  return {
    scripts: { compile: absent('script service') },
    processDirect: { call: absent('ProcessDirect service') },
    variables: {
      read: async (name, scope, flowId) => kept.get(JSON.stringify([name, scope, scope === 'local' ? flowId : ''])),
      write: async (name, scope, flowId, value) => {
        kept.set(JSON.stringify([name, scope, scope === 'local' ? flowId : '']), value)
      },
    },
    ...absentSecrets,
    valueMappings: { lookup: () => undefined },
    forScripts: absentSecrets,
    permits: { permit() {} },
    ...given,
    credentials: { ...absentSecrets.credentials, ...given.credentials },
    outbound: { ...absentOutbound, ...given.outbound },
  }
}

/** A node whose work the test gives; without a name for its type it is its id. */
export const node = (id: string, work: Work = () => undefined, next?: Node): Node => ({
  id,
  name: id,
  type: id,
  place: { element: id },
  work,
  next,
})

/** A sequence flow to a node of that id, as a gateway sees it. */
export const outgoingTo = (
  target: Node,
  given: { readonly condition?: string; readonly expressionType?: string; readonly isDefault?: boolean } = {},
): OutgoingFlow => ({
  flow: {
    id: `to_${target.id}`,
    name: '',
    source: 'Element_1',
    target: target.id,
    condition: given.condition,
    expressionType: given.expressionType ?? '',
    line: undefined,
  },
  target,
  isDefault: given.isDefault ?? false,
})

export const routine = (id: string, start: Node): Routine => ({
  id,
  name: id,
  start,
  exceptionStart: undefined,
  local: true,
})

/** A run that goes from node to node as the engine does, without a log and without exception subprocesses. */
export function testRun(given: Partial<Run> & { readonly cleanups?: (() => void | Promise<void>)[] } = {}): Run {
  const { cleanups = [], ...rest } = given
  async function follow(start: Node, exchange: Exchange): Promise<Ended> {
    let current: Node | undefined = start
    while (current !== undefined) {
      const next: Next = await current.work(exchange, run)
      if (typeof next === 'string') return next
      current = next ?? current.next
    }
    return 'completed'
  }
  const run: Run = {
    messageId: 'AGtestMessage',
    correlationId: 'AGtestCorrelation',
    flow: flowFacts(),
    principal: undefined,
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
    clock: systemClock,
    log: { active: true, property: () => {}, customHeader: () => {}, attach: () => {} },
    services: services(),
    lent: createLentSecrets(),
    exception: undefined,
    call: (called, exchange) => follow(called.start, exchange),
    follow,
    defer: (cleanup) => void cleanups.push(cleanup),
    ...rest,
  }
  return run
}

export const caught = (error: Error): Caught => ({
  className: 'java.lang.Exception',
  message: error.message,
  stack: '',
  stepId: 'Element_0',
  code: 'test.failed',
  response: undefined,
  error,
})

export interface StepGiven {
  readonly properties?: RawProperties
  readonly element?: Partial<Element>
  readonly context?: Partial<StepContext>
  readonly flow?: Partial<FlowFacts>
}

/** Compiles a step from raw properties as deployment does. @throws PropertiesRefused and what the step throws */
export async function compileStep(step: Step, given: StepGiven = {}): Promise<Work> {
  const values = typedProperties(step.fields, given.properties ?? {})
  const context: StepContext = {
    element: element(given.element),
    bundle: bundle(),
    flow: flowFacts(given.flow),
    outgoing: [],
    routine: absent('routine'),
    outlet: absent('outlet'),
    handlesException: false,
    services: services(),
    ...given.context,
  }
  return step.compile(values, context)
}

/** Compiles a step and runs it on one message. */
export async function runStep(
  step: Step,
  given: StepGiven & { readonly exchange?: Exchange; readonly run?: Partial<Run> } = {},
): Promise<{ readonly exchange: Exchange; readonly next: Next }> {
  const work = await compileStep(step, given)
  const exchange = given.exchange ?? new Exchange()
  const run = testRun({
    flow: flowFacts(given.flow),
    ...(given.context?.services && { services: given.context.services }),
    ...given.run,
  })
  const next = await work(exchange, run)
  return { exchange, next }
}

/** An outlet that hands each message to the test. */
export const outletOf = (send: Outlet['send']): Outlet => ({ send, [Symbol.asyncDispose]: async () => {} })

export interface ReceiverGiven {
  readonly properties?: RawProperties
  readonly context?: Partial<ChannelContext>
  readonly flow?: Partial<FlowFacts>
}

/** Opens a receiver from raw properties as deployment does. @throws PropertiesRefused and what the receiver throws */
export async function openReceiver(receiver: Receiver, given: ReceiverGiven = {}): Promise<Outlet> {
  const values = typedProperties(receiver.fields, given.properties ?? {})
  return receiver.open(values, channelContext(given))
}

export const channelContext = (given: ReceiverGiven = {}): ChannelContext => ({
  channel: channel(),
  bundle: bundle(),
  flow: flowFacts(given.flow),
  partner: 'Partner',
  services: services(),
  log: silentLog,
  ...given.context,
})
