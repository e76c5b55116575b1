/** What the queue knows of a call. */
export interface Queued {
  /** How often it was at work when its host died. */
  deaths: number
  /** Whether something outside the host may have changed for it, so that it must not run again. */
  readonly hasEffects: boolean
}

export interface CallQueue<Call extends Queued> {
  readonly add: (call: Call) => void
  /** The next call to be sent now; undefined when there is none, or when what was sent must end first. */
  readonly take: () => Call | undefined
  /** The call has ended, or need not begin. */
  readonly done: (call: Call) => void
  /**
   * These were sent to a host that was ended for the sake of another call, and are to be sent again. Returns those to
   * give up, because of what they did already.
   */
  readonly sendAgain: (calls: readonly Call[]) => readonly Call[]
  /**
   * These were at work when their host died. Returns the calls to give up: those at work in a dying host for the second
   * time, and those that must not run again.
   */
  readonly hostDied: (calls: readonly Call[]) => readonly Call[]
  readonly all: () => readonly Call[]
  readonly idle: () => boolean
}

/**
 * Decides which calls are at work, at most `limit` at a time. Nobody can tell which of several calls killed their host,
 * so each of them is tried again alone: the one that kills it again is given up, and no other call is harmed.
 */
export function createCallQueue<Call extends Queued>(limit: number): CallQueue<Call> {
  let waiting: Call[] = []
  let suspects: Call[] = []
  const sent = new Set<Call>()

  return {
    add: (call) => void waiting.push(call),
    take() {
      if (suspects.length > 0) {
        if (sent.size > 0) return undefined
        const suspect = suspects[0]
        if (suspect !== undefined) sent.add(suspect)
        return suspect
      }
      if (sent.size >= limit) return undefined
      const call = waiting.shift()
      if (call !== undefined) sent.add(call)
      return call
    },
    done(call) {
      sent.delete(call)
      waiting = waiting.filter((other) => other !== call)
      suspects = suspects.filter((other) => other !== call)
    },
    sendAgain(calls) {
      for (const call of calls) sent.delete(call)
      waiting = [...calls.filter((call) => !call.hasEffects && !suspects.includes(call)), ...waiting]
      return calls.filter(({ hasEffects }) => hasEffects)
    },
    hostDied(calls) {
      for (const call of calls) {
        call.deaths += 1
        sent.delete(call)
      }
      const lost = calls.filter(({ deaths, hasEffects }) => deaths > 1 || hasEffects)
      suspects = [...suspects, ...calls.filter((call) => !suspects.includes(call))].filter(
        (call) => !lost.includes(call),
      )
      return lost
    },
    all: () => [...new Set([...sent, ...suspects, ...waiting])],
    idle: () => sent.size + suspects.length + waiting.length === 0,
  }
}
