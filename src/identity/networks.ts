import { BlockList, isIP } from 'node:net'

/** A network in CIDR form as it is kept: a single address gets the prefix that means it alone. */
export function readNetwork(text: string): string | undefined {
  const [, address = '', prefix] = /^([^/\s]+?)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  // A zone (fe80::1%eth0) names an interface of one machine.
  if (version === 0 || address.includes('%')) return undefined
  const longest = version === 4 ? 32 : 128
  const length = prefix === undefined ? longest : Number(prefix)
  if (length > longest) return undefined
  try {
    new BlockList().addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
  } catch {
    return undefined
  }
  return `${address.toLowerCase()}/${length}`
}

/** What is wrong with each network of a list. */
export const networkProblems = (what: string, text: string): readonly string[] =>
  readNetwork(text) === undefined
    ? [`${what} has '${text}', which is no network such as 10.0.0.0/8 or 2001:db8::/32`]
    : []

export const readNetworks = (list: readonly string[]): readonly string[] => [
  ...new Set(list.map((text) => readNetwork(text) ?? text)),
]
