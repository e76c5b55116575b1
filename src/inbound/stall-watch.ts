/** A body that is being read. */
export interface Watched {
  /** Milliseconds on the monotonic clock when the last bytes came. */
  last: number
  /** Milliseconds without bytes after which it counts as stalled. */
  readonly idle: number
  readonly stalled: () => void
}

const watched = new Set<Watched>()
const every = 250
let timer: NodeJS.Timeout | undefined

/**
 * Watches a body until `unwatch`. One timer looks after all: most bodies come whole with their request, and a timer
 * for each would cost more than reading them.
 */
export function watch(body: Watched): void {
  watched.add(body)
  timer ??= setInterval(look, every)
}

export function unwatch(body: Watched): void {
  watched.delete(body)
}

function look(): void {
  const now = performance.now()
  for (const body of watched) {
    if (now - body.last < body.idle) continue
    watched.delete(body)
    body.stalled()
  }
  if (watched.size > 0) return
  clearInterval(timer)
  timer = undefined
}
