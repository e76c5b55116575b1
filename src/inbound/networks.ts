import { BlockList, isIP } from 'node:net'

/** An address as people write it: IPv4 in its own notation also where the socket is one of IPv6. */
export const plainAddress = (address: string): string =>
  address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address

/**
 * Tells whether an address lies in one of the networks (CIDR or single addresses). An entry that cannot be read
 * contains nothing, and an address that is none lies nowhere.
 */
export function networksOf(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const entry of entries) add(list, entry.trim())
  return (address) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}

function add(list: BlockList, entry: string): void {
  const slash = entry.indexOf('/')
  const address = plainAddress(slash === -1 ? entry : entry.slice(0, slash))
  const family = isIP(address)
  if (family === 0) return
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (slash === -1) return list.addAddress(address, type)
  const prefix = entry.slice(slash + 1)
  if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
    list.addSubnet(address, Number(prefix), type)
}
