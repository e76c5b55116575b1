import { type Clock, messageGuid } from '../base/index.ts'
import type {
  Caught,
  Ended,
  FlowFacts,
  LentSecrets,
  Next,
  Node,
  Origin,
  Principal,
  Routine,
  Run,
  Services,
} from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'
import { caughtOf, StepFailure } from './caught.ts'
import { faults } from './faults.ts'
import type { OpenStep, Recorder } from './recorder.ts'

const deepest = 100
const longest = 1_000_000

/** One message on its way through a plan: what the steps are lent, and the loop that takes it from node to node. */
export class MessageRun implements Run {
  readonly messageId: string
  readonly correlationId: string
  readonly flow: FlowFacts
  readonly principal: Principal | undefined
  readonly deadline: number
  readonly clock: Clock
  readonly log: Recorder
  readonly services: Services
  readonly lent: LentSecrets
  exception: Caught | undefined = undefined
  /** The error that an exception subprocess handled: the log entry keeps it although the message completed. */
  handled: Caught | undefined = undefined
  readonly #cleanups: (() => void | Promise<void>)[] = []
  #controller: AbortController | undefined
  #cancelled: string | undefined
  #depth = 0
  #count = 0

  constructor(given: {
    id: string
    correlationId: string
    flow: FlowFacts
    principal: Principal | undefined
    deadline: number
    clock: Clock
    log: Recorder
    services: Services
    lent: LentSecrets
    depth: number
  }) {
    this.messageId = given.id
    this.correlationId = given.correlationId
    this.flow = given.flow
    this.principal = given.principal
    this.deadline = given.deadline
    this.clock = given.clock
    this.log = given.log
    this.services = given.services
    this.lent = given.lent
    this.#depth = given.depth
  }

  // Made on demand: most messages never need one, and it is dear.
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#cancelled !== undefined) this.#controller.abort(faults.cancelled({ why: this.#cancelled }))
    return this.#controller.signal
  }

  get depth(): number {
    return this.#depth
  }

  cancel(why: string): void {
    this.#cancelled ??= why
    this.#controller?.abort(faults.cancelled({ why: this.#cancelled }))
  }

  get cancelled(): boolean {
    return this.#cancelled !== undefined
  }

  defer(cleanup: () => void | Promise<void>): void {
    this.#cleanups.push(cleanup)
  }

  async clean(): Promise<void> {
    await Promise.allSettled(this.#cleanups.splice(0).map(async (cleanup) => cleanup()))
  }

  get hasCleanups(): boolean {
    return this.#cleanups.length > 0
  }

  /** A process with its exception subprocess, if it has one. */
  call(routine: Routine, exchange: Exchange): Ended | Promise<Ended> {
    if (this.#depth >= deepest) throw faults.callDepth({ limit: deepest })
    this.#depth++
    let ended: Ended | Promise<Ended>
    try {
      ended = this.follow(routine.start, exchange)
    } catch (error) {
      this.#depth--
      return this.#handle(routine, exchange, error)
    }
    if (typeof ended === 'string') {
      this.#depth--
      return ended
    }
    return ended.then(
      (end) => {
        this.#depth--
        return end
      },
      (error: unknown) => {
        this.#depth--
        return this.#handle(routine, exchange, error)
      },
    )
  }

  /** The exception subprocess takes errors of its own process only; others pass through it. */
  async #handle(routine: Routine, exchange: Exchange, error: unknown): Promise<Ended> {
    const foreign = error instanceof StepFailure && error.escaped
    if (routine.exceptionStart === undefined || foreign || this.#cancelled !== undefined) throw escape(error, routine)
    const caught = caughtOf(error)
    const before = this.exception
    this.exception = caught
    exchange.properties.set('CamelExceptionCaught', caught)
    exchange.properties.set('SAP_ErrorModelStepID', caught.stepId)
    try {
      const ended = await this.follow(routine.exceptionStart, exchange)
      this.handled = caught
      return ended === 'completed' ? 'handled' : ended
    } catch (again) {
      throw escape(again, routine)
    } finally {
      this.exception = before
    }
  }

  /** From a node to the end of its route. Stays synchronous as long as the steps do. */
  follow(node: Node, exchange: Exchange): Ended | Promise<Ended> {
    let current: Node | undefined = node
    while (current !== undefined) {
      this.#mayGoOn()
      const step = this.log.enter(current, exchange)
      let next: Next | Promise<Next>
      try {
        next = current.work(exchange, this)
      } catch (error) {
        this.log.leave(step, failureOf(error))
        throw at(current, error)
      }
      if (next instanceof Promise) return this.#followAsync(current, step, next, exchange)
      this.log.leave(step)
      if (typeof next === 'string') return next
      current = next ?? current.next
    }
    return 'completed'
  }

  async #followAsync(node: Node, step: OpenStep, waiting: Promise<Next>, exchange: Exchange): Promise<Ended> {
    let next: Next
    try {
      next = await waiting
    } catch (error) {
      this.log.leave(step, failureOf(error))
      throw at(node, error)
    }
    this.log.leave(step)
    if (typeof next === 'string') return next
    const target = next ?? node.next
    return target === undefined ? 'completed' : this.follow(target, exchange)
  }

  #mayGoOn(): void {
    if (this.#cancelled !== undefined) throw faults.cancelled({ why: this.#cancelled })
    if (++this.#count > longest) throw faults.stepCount({ limit: longest })
  }
}

const failureOf = (error: unknown): string => caughtOf(error).message

/** Names the step, unless a step further in has been named already. */
const at = (node: Node, error: unknown): StepFailure =>
  error instanceof StepFailure ? error : new StepFailure(node.id, error)

/** Marks an error that leaves a local process: the process that called it does not handle it. */
function escape(error: unknown, routine: Routine): unknown {
  if (!routine.local) return error
  return error instanceof StepFailure
    ? new StepFailure(error.stepId, error.cause, true)
    : new StepFailure('', error, true)
}

/** The id a message is logged under, and the id shared by all messages of one business process. */
export function identify(origin: Origin, now: number): { readonly id: string; readonly correlationId: string } {
  const id = origin.messageId ?? messageGuid(now)
  return { id, correlationId: origin.correlationId ?? id }
}
