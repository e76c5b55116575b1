import type { Ended, Node, Run } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'

/** How messages that were parted become one again; a gather tells it to whoever parted them. */
export type Merge = (parts: readonly Exchange[]) => Exchange['body']

/** Where the parts of a message met again. */
export interface Meeting {
  /** What follows the gather or join. */
  readonly next: Node | undefined
  /** Undefined at a join: the gather that follows does the merging. */
  readonly merge: Merge | undefined
}

interface Parting {
  /** Parts that have come to the meeting point, by their place in the order. */
  readonly arrived: Map<number, Exchange>
  meeting: Meeting | undefined
}

// Known by the message object itself, so that no step and no script can lose or forge it.
const partOf = new WeakMap<Exchange, { readonly parting: Parting; readonly index: number }>()
const joined = new WeakMap<Exchange, readonly Exchange[]>()

/** Tells the splitter or multicast that this message has arrived; false when it is no part of anything. */
export function arrive(exchange: Exchange, meeting: Meeting): boolean {
  const part = partOf.get(exchange)
  if (part === undefined) return false
  part.parting.arrived.set(part.index, exchange)
  part.parting.meeting ??= meeting
  return true
}

/** The branches that a join brought together in this message, once. */
export function takeJoined(exchange: Exchange): readonly Exchange[] | undefined {
  const parts = joined.get(exchange)
  joined.delete(exchange)
  return parts
}

/** Remembers the branches of a join for the gather behind it. */
export const keepJoined = (exchange: Exchange, parts: readonly Exchange[]): void => void joined.set(exchange, parts)

export interface Branch {
  readonly start: Node
  readonly exchange: Exchange
}

export interface Outcome {
  readonly ended: Ended
  readonly meeting: Meeting | undefined
  /** What arrived at the meeting point, in the order of the branches. */
  readonly arrived: readonly Exchange[]
}

/** How the way on is found when all branches have ended: the strongest ending wins. */
const strength: readonly Ended[] = ['completed', 'handled', 'escalated', 'terminated']
const stronger = (one: Ended, other: Ended): Ended => (strength.indexOf(one) > strength.indexOf(other) ? one : other)

export interface BranchRules {
  /** How many branches run at once. */
  readonly width: number
  /** False: a branch that fails is left out and the others go on. */
  readonly stopOnError: boolean
  /** Milliseconds all branches together may take; undefined for no limit of their own. */
  readonly timeout?: { readonly millis: number; readonly fault: () => Error }
}

/**
 * Runs branches to their ends or to the gather or join where they meet. An error leaves the failed branch's message in
 * `whole`, so that an exception subprocess sees it.
 * @throws the first error of a branch, when `stopOnError` is set
 */
export async function runBranches(
  branches: Iterable<Branch>,
  whole: Exchange,
  run: Run,
  rules: BranchRules,
): Promise<Outcome> {
  const parting: Parting = { arrived: new Map(), meeting: undefined }
  let ended: Ended = 'completed'
  let failed = false
  let index = 0
  const source = branches[Symbol.iterator]()
  const deadline = rules.timeout === undefined ? Number.POSITIVE_INFINITY : run.clock.monotonic() + rules.timeout.millis

  async function work(): Promise<void> {
    while (!failed && ended !== 'terminated') {
      const branch = source.next()
      if (branch.done === true) return
      const { start, exchange } = branch.value
      partOf.set(exchange, { parting, index: index++ })
      try {
        ended = stronger(ended, await run.follow(start, exchange))
      } catch (error) {
        if (!rules.stopOnError) continue
        if (!failed) showIn(whole, exchange)
        failed = true
        throw error
      }
      if (rules.timeout && run.clock.monotonic() > deadline) throw rules.timeout.fault()
    }
  }

  const results = await Promise.allSettled(Array.from({ length: rules.width }, work))
  for (const result of results) if (result.status === 'rejected') throw result.reason
  const arrived = [...parting.arrived].sort(([one], [other]) => one - other).map(([, exchange]) => exchange)
  return { ended, meeting: parting.meeting, arrived }
}

function showIn(whole: Exchange, part: Exchange): void {
  whole.takeOver(part)
  for (const [name, value] of part.properties) whole.properties.set(name, value)
}
