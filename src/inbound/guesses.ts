import { type Clock, createBoundedMap } from '../base/index.ts'

/** Wrong credentials, counted so that guessing becomes slow. Waits in milliseconds; 0 is none. */
export interface Guesses {
  /** How long the next try of a name has to wait at this address, whether it is right or not. */
  readonly waitOfName: (name: string, remoteAddress: string) => number
  /** The same where passwords are chosen by people: those are guessed from many addresses at once. */
  readonly waitOfUser: (name: string, remoteAddress: string) => number
  readonly waitOfAddress: (remoteAddress: string) => number
  readonly failed: (name: string, remoteAddress: string) => void
  readonly succeeded: (name: string, remoteAddress: string) => void
}

interface Failures {
  count: number
  last: number
}

// Free failures before waiting begins. A name at one address is mostly a client with an old secret; it must not make
// the others behind the same address wait, so those count more slowly, and what is made to wait is not counted again.
const free = { nameAtAddress: 5, name: 20, address: 50 }
const first = 1000
const longest = 60_000
const forgottenAfter = 15 * 60_000
const most = 10_000

/** Doubles the wait with each wrong credential beyond the free ones, per name, address, and name at an address. */
export function createGuesses(clock: Clock): Guesses {
  const failures = createBoundedMap<Failures>(most)

  function waitOf(key: string, allowed: number): number {
    const found = failures.get(key)
    if (found === undefined) return 0
    const passed = clock.monotonic() - found.last
    if (passed > forgottenAfter) {
      failures.delete(key)
      return 0
    }
    const beyond = found.count - allowed
    return beyond < 0 ? 0 : Math.max(0, Math.min(longest, first * 2 ** beyond) - passed)
  }

  function add(key: string): void {
    const found = failures.get(key) ?? { count: 0, last: 0 }
    found.count++
    found.last = clock.monotonic()
    failures.set(key, found)
  }

  // Nobody has a longer name, and what is remembered must not be as large as a header.
  const short = (name: string) => name.slice(0, 200).toLowerCase()
  const at = (name: string, remoteAddress: string) => `both ${remoteAddress} ${short(name)}`
  const everywhere = (name: string) => `name ${short(name)}`
  const address = (remoteAddress: string) => `address ${remoteAddress}`

  return {
    waitOfName: (name, remoteAddress) => waitOf(at(name, remoteAddress), free.nameAtAddress),
    waitOfUser: (name, remoteAddress) =>
      Math.max(waitOf(at(name, remoteAddress), free.nameAtAddress), waitOf(everywhere(name), free.name)),
    waitOfAddress: (remoteAddress) => waitOf(address(remoteAddress), free.address),
    failed(name, remoteAddress) {
      add(at(name, remoteAddress))
      add(everywhere(name))
      add(address(remoteAddress))
    },
    succeeded(name, remoteAddress) {
      failures.delete(at(name, remoteAddress))
      failures.delete(everywhere(name))
    },
  }
}
