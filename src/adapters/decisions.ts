/** Flows use few header names, again and again: the first thousand decisions on names of usual length are kept. */
export function rememberDecisions(decide: (name: string) => boolean): (name: string) => boolean {
  const known = new Map<string, boolean>()
  return (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const decision = decide(name)
    if (known.size < 1_000 && name.length <= 200) known.set(name, decision)
    return decision
  }
}
