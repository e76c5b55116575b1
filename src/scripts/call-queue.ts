/** How often a call was at work when its host died. */
export interface Queued {
  deaths: number
}

export interface CallQueue<Call extends Queued> {
  readonly add: (call: Call) => void
  /** The next call to be sent now; undefined when there is none, or when what was sent must end first. */
  readonly take: () => Call | undefined
  /** The call has ended, or need not begin. */
  readonly done: (call: Call) => void
  /** What was sent is to be sent again, because the host was ended for the sake of another call. */
  readonly sendAgain: () => void
  /** The host died. Returns the calls to give up: those that were at work for the second time. */
  readonly hostDied: () => readonly Call[]
  readonly all: () => readonly Call[]
  readonly idle: () => boolean
}

/**
 * Decides which calls are at work in a host, at most `limit` at a time. Nobody can tell which of several calls killed
 * the host, so each of them is tried again alone: the one that kills it again is given up, and no other call is harmed.
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
    sendAgain() {
      waiting = [...[...sent].filter((call) => !suspects.includes(call)), ...waiting]
      sent.clear()
    },
    hostDied() {
      for (const call of sent) call.deaths += 1
      const lost = [...sent].filter((call) => call.deaths > 1)
      suspects = [...suspects, ...[...sent].filter((call) => !suspects.includes(call))].filter(
        (call) => !lost.includes(call),
      )
      sent.clear()
      return lost
    },
    all: () => [...new Set([...sent, ...suspects, ...waiting])],
    idle: () => sent.size + suspects.length + waiting.length === 0,
  }
}
