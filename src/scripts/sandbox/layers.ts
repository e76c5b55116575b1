/** The layers around a script host, from the outside in; what each stops stands in docs/sandbox.md. */
export const layerNames = [
  'user',
  'privileges',
  'files',
  'network',
  'processes',
  'limits',
  'memory',
  'syscalls',
  'guard',
] as const

export type LayerName = (typeof layerNames)[number]

/** One layer, as it was found when it was really tried. */
export interface SandboxLayer {
  readonly name: LayerName
  readonly on: boolean
  /** By what it is made, or why it is not there. */
  readonly why: string
}

/** What holds scripts on this machine. */
export interface SandboxReport {
  readonly layers: readonly SandboxLayer[]
  /** The layers that are off and without which hostile scripts are not held. */
  readonly missing: readonly SandboxLayer[]
}

/**
 * Without one of these a script reaches something that is not its own. The others are depth: memory is limited by
 * `limits`, too, and behind `syscalls` and `guard` there is nothing to reach.
 */
const needed: ReadonlySet<LayerName> = new Set(['user', 'privileges', 'files', 'network', 'processes', 'limits'])

/** The report on layers, in the order of their names. */
export function reportOf(found: ReadonlyMap<LayerName, Omit<SandboxLayer, 'name'>>): SandboxReport {
  const layers = layerNames.map((name) => ({ name, ...(found.get(name) ?? { on: false, why: 'not tried' }) }))
  return { layers, missing: layers.filter(({ name, on }) => !on && needed.has(name)) }
}
