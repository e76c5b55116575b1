import type { Place } from '../base/index.ts'
import type { Claims, Deliver, FlowFacts, Node, Outlet, Routine, Work } from '../flow/index.ts'

/** A node while the plan is being made: its work and successor are filled in when all nodes exist. */
export interface PlanNode extends Node {
  work: Work
  next: Node | undefined
}

/** A flow ready to run: nothing of its XML is looked at any more. */
export interface Plan {
  readonly flow: FlowFacts
  readonly routines: readonly Routine[]
  readonly outlets: readonly Outlet[]
  /** Hands the senders their claims; called once, before activation. */
  readonly claim: (claims: Claims, deliver: PlanDeliver) => Promise<void>
}

export type PlanDeliver = (routine: Routine) => Deliver

const unfinished: Work = () => {
  throw new Error('the plan was used before it was complete')
}

export const planNode = (id: string, name: string, type: string, place: Place): PlanNode => ({
  id,
  name,
  type,
  place,
  work: unfinished,
  next: undefined,
})
