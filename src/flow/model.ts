/** What an integration flow says, as data. Values are raw: parameters stand as `{{name}}` until they are resolved. */

/** Settings of an element by key, as the bundle holds them. */
export type Properties = ReadonlyMap<string, string>

/** The model: one per bundle. */
export interface FlowModel {
  /** Path of the `.iflw` file in the bundle. */
  readonly file: string
  /** Settings of the collaboration: allowed headers, namespaces, session handling and so on. */
  readonly properties: Properties
  readonly participants: readonly Participant[]
  readonly channels: readonly Channel[]
  readonly processes: readonly Process[]
}

export interface Participant {
  readonly id: string
  readonly name: string
  /** `EndpointSender`, `EndpointRecevier` (so spelled in every bundle) or `IntegrationProcess`. */
  readonly type: string
  readonly processRef: string | undefined
  readonly properties: Properties
}

/** A message flow: an adapter between a participant and an element of a process. */
export interface Channel {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly target: string
  /** `ComponentType`: HTTPS, HTTP, ProcessDirect, … */
  readonly adapter: string
  readonly direction: 'Sender' | 'Receiver'
  readonly messageProtocol: string
  readonly version: string
  readonly properties: Properties
  readonly line: number | undefined
}

export interface Process {
  readonly id: string
  readonly name: string
  /** A local process is called by others (`processType=directCall`); a main process has a start event of its own. */
  readonly local: boolean
  readonly properties: Properties
  readonly elements: readonly Element[]
  readonly sequenceFlows: readonly SequenceFlow[]
  /** At most one: the exception subprocess. */
  readonly exceptionSubprocess: Process | undefined
  readonly line: number | undefined
}

/** An event, a task, a call activity or a gateway. */
export interface Element {
  readonly id: string
  readonly name: string
  /** The BPMN element: `callActivity`, `serviceTask`, `exclusiveGateway`, `startEvent`, … */
  readonly tag: string
  /** The event definition inside an event: `message`, `timer`, `error`, `escalation`, `terminate`; else undefined. */
  readonly event: string | undefined
  /** `activityType`, or '' where there is none. */
  readonly activity: string
  /** `subActivityType`, or ''. */
  readonly subActivity: string
  readonly version: string
  readonly properties: Properties
  /** Ids of sequence flows, in the order of the model, which is the order in which a router asks. */
  readonly outgoing: readonly string[]
  /** Attribute `default` of a gateway. */
  readonly defaultFlow: string | undefined
  /** `standardLoopCharacteristics` of a looping process call. */
  readonly loop: { readonly maximum: string; readonly condition: string } | undefined
  readonly line: number | undefined
}

export interface SequenceFlow {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly target: string
  /** Text of the condition; undefined where there is none. */
  readonly condition: string | undefined
  /** `expressionType`: `XML`, `NonXML`, or ''. */
  readonly expressionType: string
  readonly line: number | undefined
}

/** One externalised parameter. */
export interface Parameter {
  readonly name: string
  readonly value: string
  /** `xsd:string`, `xsd:integer`, `xsd:boolean`, `custom:schedule`, … */
  readonly type: string
  readonly required: boolean
  readonly description: string
}

export type BundleType = 'IntegrationFlow' | 'ScriptCollection' | 'MessageMapping' | 'ValueMapping'

/** A bundle as read: what it is, its model where it is a flow, and every file it holds. */
export interface Bundle {
  readonly type: BundleType
  /** `Bundle-SymbolicName` without its directives. */
  readonly id: string
  readonly name: string
  readonly version: string
  readonly manifest: ReadonlyMap<string, string>
  readonly model: FlowModel | undefined
  readonly parameters: readonly Parameter[]
  /** Path in the bundle to content, folders left out. */
  readonly files: ReadonlyMap<string, Buffer>
}
