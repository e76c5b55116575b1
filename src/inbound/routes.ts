import type { HttpRoute } from '../flow/index.ts'
import { canonicalDn, pairOf } from '../keystore/index.ts'
import { checkAddress, comparable } from './addresses.ts'
import { faults } from './faults.ts'

/** A route as the table keeps it, with what can be worked out before a call. */
export interface Door {
  readonly route: HttpRoute
  /** Base and address in lower case, without `/*`. */
  readonly path: string
  /** The name of the endpoint in policies: base and address in lower case; the API is one endpoint. */
  readonly served: string
  readonly wildcard: boolean
  /** Subject and issuer of each certificate that the channel lists, comparable; see `pairOf`. */
  readonly pairs: ReadonlySet<string>
  /** What the channel lists as a name and is none. */
  readonly unreadable: readonly string[]
}

export interface Match {
  readonly door: Door
  /** Path behind a `/*` address as sent, without the slash; else ''. */
  readonly rest: string
}

/** Which flow serves which address of the tenant. */
export interface Routes {
  /**
   * Puts these routes in the place of those the flow has: all or none. An empty list takes the flow out.
   * @throws inbound.addressInvalid, inbound.addressTaken
   */
  readonly swap: (flowId: string, routes: readonly HttpRoute[]) => void
  /** The longest address that serves the path (without query). */
  readonly find: (path: string) => Match | undefined
  readonly list: () => readonly HttpRoute[]
}

function doorOf(route: HttpRoute): Door {
  checkAddress(route.address)
  const wildcard = route.address.endsWith('/*')
  const path = (route.base + (wildcard ? route.address.slice(0, -2) : route.address)).toLowerCase()
  const served = route.base === '/api' ? path : (route.base + route.address).toLowerCase()
  const listed = route.authorization.kind === 'certificate' ? route.authorization.certificates : []
  const names = listed.flatMap(({ subjectDn, issuerDn }) => [subjectDn, issuerDn])
  return {
    route,
    path: path.replace(/\/$/, ''),
    served,
    wildcard,
    pairs: new Set(listed.flatMap(({ subjectDn, issuerDn }) => pairOf(subjectDn, issuerDn) ?? [])),
    unreadable: names.filter((name) => canonicalDn(name) === undefined),
  }
}

interface Table {
  readonly exact: ReadonlyMap<string, Door>
  /** Doors that also serve what lies below them. */
  readonly above: ReadonlyMap<string, Door>
}

function tableOf(doors: Iterable<Door>): Table {
  const exact = new Map<string, Door>()
  const above = new Map<string, Door>()
  for (const door of doors) {
    if (!door.wildcard) exact.set(door.path, door)
    if (door.wildcard || door.route.protocol === 'SOAP') above.set(door.path, door)
  }
  return { exact, above }
}

/** Refuses what is served already: the same address, or one below another flow's `/*`. */
function refuseTaken(doors: readonly Door[], others: readonly Door[]): void {
  const taken = ({ route }: Door, { route: owner }: Door) =>
    faults.addressTaken({ address: route.base + route.address, taken: owner.base + owner.address, owner: owner.flowId })
  for (const [index, door] of doors.entries()) {
    const twin = [...doors.slice(0, index), ...others].find(
      (each) => each.path === door.path && each.wildcard === door.wildcard,
    )
    if (twin !== undefined) throw taken(door, twin)
    const blocking = others.find(
      (each) => (each.wildcard && isBelow(door, each)) || (door.wildcard && isBelow(each, door)),
    )
    if (blocking !== undefined) throw taken(door, blocking)
  }
}

const isBelow = (lower: Door, upper: Door): boolean => lower.path.startsWith(`${upper.path}/`)

/** A table of routes without any. */
export function createRoutes(): Routes {
  const doorsOf = new Map<string, readonly Door[]>()
  let table = tableOf([])

  function lookUp(path: string, wanted: string): Match | undefined {
    const trimmed = wanted.endsWith('/') ? wanted.slice(0, -1) : wanted
    const exact = table.exact.get(trimmed)
    if (exact !== undefined) return { door: exact, rest: '' }
    if (table.above.size === 0) return undefined
    for (let end = wanted.length; end > 0; end = wanted.lastIndexOf('/', end - 1)) {
      const door = table.above.get(wanted.slice(0, end))
      if (door !== undefined) return { door, rest: door.wildcard ? restOf(path, door) : '' }
    }
    return undefined
  }

  return {
    swap(flowId, routes) {
      const doors = routes.map(doorOf)
      const others = [...doorsOf].flatMap(([owner, each]) => (owner === flowId ? [] : each))
      refuseTaken(doors, others)
      table = tableOf([...others, ...doors])
      if (doors.length === 0) doorsOf.delete(flowId)
      else doorsOf.set(flowId, doors)
    },
    find(path) {
      const wanted = comparable(path)
      if (wanted === undefined) return undefined
      const match = lookUp(path, wanted.path)
      return wanted.encodedSlash && match?.door.route.encodedSlashes !== true ? undefined : match
    },
    list: () => [...doorsOf.values()].flat().map(({ route }) => route),
  }
}

/** What follows the door's segments in the path as sent; encoded letters make the two differ in length. */
function restOf(path: string, { path: served }: Door): string {
  if (!path.includes('%')) return path.slice(served.length + 1)
  return path.split('/').slice(served.split('/').length).join('/')
}
