/** Time is handed in, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number
  /** Milliseconds since some fixed point, never going backwards; for durations. */
  readonly monotonic: () => number
}

export const systemClock: Clock = { now: Date.now, monotonic: performance.now.bind(performance) }
