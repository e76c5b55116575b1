import type { Clock, Log, Place } from '../base/index.ts'
import type { FieldSet, Values } from '../fields/index.ts'
import type { Attachment, Body, Exchange } from '../message/index.ts'
import type { Bundle, Channel, Element, SequenceFlow } from './model.ts'
import type { LentSecrets, Services } from './services.ts'

/*
 * What a step, a receiver and a sender are. The life of each:
 *
 *   deploy   its properties are read with its fields (all problems at once), then `compile`, `open` or `listen` is
 *            called once; what fails here fails the deployment and names the element.
 *   message  a step's work and a receiver's `send` run once per message, many at a time; they keep no state of a
 *            message outside the exchange.
 *   undeploy senders stop first, messages in flight end, then receivers are disposed.
 */

/** How a route ended. `handled` means that the exception subprocess took the error and ended normally. */
export type Ended = 'completed' | 'handled' | 'escalated' | 'terminated'

/** A node of the compiled plan. Steps get nodes as targets and never look inside. */
export interface Node {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly place: Place
  readonly work: Work
  /** Where a message goes when the work names no other place; undefined ends the route. */
  readonly next: Node | undefined
}

/** Nothing: go on with `next`. A node: go there. An ending: the route ends so. */
export type Next = Node | Ended | undefined | void

/** A step at work on one message. A step that needs not wait returns at once, and no promise. */
export type Work = (exchange: Exchange, run: Run) => Next | Promise<Next>

/** A process of the plan, to be called by `run.call`. */
export interface Routine {
  readonly id: string
  readonly name: string
  /** Node where it starts. */
  readonly start: Node
  /** Where the exception subprocess starts; undefined where there is none. */
  readonly exceptionStart: Node | undefined
  readonly local: boolean
}

export interface OutgoingFlow {
  readonly flow: SequenceFlow
  readonly target: Node
  readonly isDefault: boolean
}

/** What a step learns at deployment. */
export interface StepContext {
  readonly element: Element
  readonly bundle: Bundle
  readonly flow: FlowFacts
  readonly outgoing: readonly OutgoingFlow[]
  /** The process with this id. @throws a fault when the flow has none. */
  readonly routine: (id: string) => Routine
  /** The outlet of the one channel at this element. @throws a fault when there is none. */
  readonly outlet: () => Outlet
  /** True inside an exception subprocess. */
  readonly handlesException: boolean
  readonly services: Services
}

/** Facts about the flow that every part of it may need. */
export interface FlowFacts {
  readonly id: string
  readonly name: string
  readonly version: string
  /** Prefix to URI, from the flow's namespace mapping. */
  readonly namespaces: ReadonlyMap<string, string>
  readonly allowedHeaders: HeaderFilter
  readonly sessionHandling: 'None' | 'onExchange' | 'onIntegrationFlow'
  readonly returnExceptionToSender: boolean
}

/** Which header names pass. */
export type HeaderFilter = (name: string) => boolean

export interface Step<Fields extends FieldSet = FieldSet> {
  readonly type: string
  readonly label: string
  readonly summary: string
  /** True for the elements of a model that are this step. Exactly one step answers to an element. */
  readonly answers: (element: Element) => boolean
  readonly fields: Fields
  readonly compile: (values: Values<Fields>, context: StepContext) => Work | Promise<Work>
}

/** A connection to a receiver, held as long as its flow is deployed. */
export interface Outlet extends AsyncDisposable {
  /** Sends the message and puts the answer into the exchange. */
  readonly send: (exchange: Exchange, run: Run) => void | Promise<void>
}

export interface ChannelContext {
  readonly channel: Channel
  readonly bundle: Bundle
  readonly flow: FlowFacts
  /** Name of the participant at the other end. */
  readonly partner: string
  readonly services: Services
  readonly log: Log
}

export interface Receiver<Fields extends FieldSet = FieldSet> {
  readonly type: string
  readonly label: string
  readonly summary: string
  readonly answers: (channel: Channel) => boolean
  readonly fields: Fields
  readonly open: (values: Values<Fields>, context: ChannelContext) => Outlet | Promise<Outlet>
}

/** Hands a message to the flow. Resolves when the route has ended; rejects with what the flow did not handle. */
export type Deliver = (exchange: Exchange, origin: Origin) => Promise<Ended>

/** Where a message came from. */
export interface Origin {
  readonly sender: string
  /** Who called, where someone did. */
  readonly principal: Principal | undefined
  /** Id under which the message is logged, where the sender has drawn it already; else the runtime draws one. */
  readonly messageId?: string
  readonly correlationId: string | undefined
  /** How many flows called each other to get here. */
  readonly depth?: number
  /** Milliseconds since 1970 by which the caller wants an end; the flow's own deadline may be earlier. */
  readonly deadline?: number
  /** Secrets of the flow that called this one: its messages may hold them. */
  readonly lent?: LentSecrets
}

/**
 * The caller as the front door found it: one shape for every way of authentication. Flows read it as the exchange
 * property `principal`, so fields are only ever added.
 */
export interface Principal {
  readonly method: 'certificate' | 'basic' | 'bearer'
  /** What flows see as `SapAuthenticatedUserName`: the user, else the client id; '' where only names of a channel authorized. */
  readonly name: string
  /** Who the call is made for: the user, else the client id, else the subject of the certificate. */
  readonly subject: string
  /** The service instance's OAuth client; undefined for users who call themselves. */
  readonly clientId: string | undefined
  /** Who vouches for the caller: the issuer of the token or of the certificate; undefined for passwords and secrets. */
  readonly issuer: string | undefined
  readonly certificate: { readonly fingerprint: string; readonly subject: string; readonly issuer: string } | undefined
  readonly attributes: Readonly<Record<string, string>>
  readonly groups: readonly string[]
  /** Who acts for the subject, newest first (`act` of RFC 8693); empty where the subject acts. */
  readonly actors: readonly string[]
}

/** A source of messages. `start` is called when the deployment takes over, `stop` when it gives up. */
export interface Inlet {
  /** Takes no new messages from now on. Messages in flight go on. */
  readonly stop: () => void | Promise<void>
}

export interface SenderContext extends ChannelContext {
  /** Claims for this flow; they become valid together when the deployment is activated. */
  readonly claims: Claims
  readonly deliver: Deliver
}

/** What a flow claims for itself in its tenant while it is deployed: addresses and schedules. */
export interface Claims {
  readonly http: (route: HttpRoute) => void
  readonly processDirect: (route: ProcessDirectRoute) => void
  readonly schedule: (schedule: Schedule) => void
}

export interface Sender<Fields extends FieldSet = FieldSet> {
  readonly type: string
  readonly label: string
  readonly summary: string
  /** Senders answer to a channel; those that need none (a timer) to a start event. */
  readonly answers: (source: Channel | Element) => boolean
  readonly fields: Fields
  readonly listen: (values: Values<Fields>, context: SenderContext) => void | Promise<void>
}

/** An address under which the front door hands requests to a flow. */
export interface HttpRoute {
  /** `/http`, `/cxf`, … */
  readonly base: string
  /** `/orders` or `/orders/*`; compared without case. */
  readonly address: string
  readonly authorization:
    | { readonly kind: 'role'; readonly role: string }
    | { readonly kind: 'certificate'; readonly certificates: readonly { subjectDn: string; issuerDn: string }[] }
    // Whoever is known passes: what the caller may do is decided behind the door, as the management API does per set.
    | { readonly kind: 'identity' }
  readonly csrfProtected: boolean
  /** Bytes. */
  readonly maxBodySize: number
  readonly protocol: 'REST' | 'SOAP' | 'AS2'
  readonly allowedHeaders: HeaderFilter
  readonly cors: Cors | undefined
  readonly flowId: string
  /** `%2F` may be part of a segment, as in keys of an OData service; else such paths are served by nobody. */
  readonly encodedSlashes?: boolean
  /** Called after all checks. The answer is sent as it is. */
  readonly handle: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>
}

export interface Cors {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly exposed: readonly string[]
  readonly maxAge: number | undefined
  readonly credentials: boolean
}

export interface HttpRequest {
  readonly method: string
  /** Path after base and address, for `/*` addresses; else ''. */
  readonly rest: string
  /** Raw query without '?'. */
  readonly query: string
  readonly url: string
  /** Wire headers already filtered: what must never reach a flow is gone. Names as sent. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Body
  readonly principal: Principal
  readonly messageId: string
  readonly signal: AbortSignal | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Body
}

export interface ProcessDirectRoute {
  readonly address: string
  readonly flowId: string
  readonly allowedHeaders: HeaderFilter
  readonly deliver: Deliver
}

export interface Schedule {
  /** Unique in the tenant: flow id and element id. */
  readonly key: string
  readonly flowId: string
  readonly when:
    | { readonly kind: 'once' }
    | { readonly kind: 'cron'; readonly expression: string; readonly timezone: string }
  readonly fire: (signal: AbortSignal) => Promise<void>
}

/** What a message's run lends to the steps. */
export interface Run {
  readonly messageId: string
  readonly correlationId: string
  readonly flow: FlowFacts
  readonly principal: Principal | undefined
  /** Aborted when the caller has gone, the deadline has passed or the flow is stopped for good. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970 at which the message is cancelled. */
  readonly deadline: number
  readonly clock: Clock
  readonly log: MessageLog
  readonly services: Services
  /** Secrets lent to the message so far; flows that it calls share them. */
  readonly lent: LentSecrets
  /** The error being handled, inside an exception subprocess. */
  readonly exception: Caught | undefined
  /** Runs another process of the flow on the same message. */
  readonly call: (routine: Routine, exchange: Exchange) => Ended | Promise<Ended>
  /** Runs a route from a node on, for branches; the exchange is the caller's to copy. */
  readonly follow: (node: Node, exchange: Exchange) => Ended | Promise<Ended>
  /** Something to be done when the message has ended, however it ends. */
  readonly defer: (cleanup: () => void | Promise<void>) => void
}

/** An error on its way through a flow, with the step that raised it. */
export interface Caught {
  /** Java class name the original would show, for scripts that compare it. */
  readonly className: string
  readonly message: string
  readonly stack: string
  readonly stepId: string
  readonly code: string
  readonly response: FailedResponse | undefined
  readonly error: unknown
}

/** Answer of a receiver that counts as a failure. */
export interface FailedResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** What a step may write into the message's log entry. */
export interface MessageLog {
  /** False at level None: there is no entry. */
  readonly active: boolean
  readonly property: (name: string, value: string) => void
  readonly customHeader: (name: string, value: string) => void
  readonly attach: (attachment: Attachment) => void
}

/** These only tie the types of `fields` to the function that receives their values. */
export const declareStep = <const Fields extends FieldSet>(step: Step<Fields>): Step => step as unknown as Step
export const declareReceiver = <const Fields extends FieldSet>(receiver: Receiver<Fields>): Receiver =>
  receiver as unknown as Receiver
export const declareSender = <const Fields extends FieldSet>(sender: Sender<Fields>): Sender =>
  sender as unknown as Sender
