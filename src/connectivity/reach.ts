import { BlockList, isIP } from 'node:net'

import { plainAddress } from './plain-address.ts'

const isPrivate = 'it is private'
/** Networks of no public server (RFC 6890 and the IANA registries of special addresses), each with its reason. */
const closed: readonly (readonly [why: string, ...networks: string[]])[] = [
  ['it is the machine of Sluice itself (loopback)', '127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128'],
  ['it is link-local', '169.254.0.0/16', 'fe80::/10'],
  [isPrivate, '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'],
  ['it is multicast or broadcast', '224.0.0.0/4', '255.255.255.255/32', 'ff00::/8'],
  [
    'it is reserved',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '240.0.0.0/4',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '3fff::/20',
    '5f00::/16',
    '64:ff9b:1::/48',
  ],
]

/** Where clouds tell a machine its credentials. Only an entry that names the address itself opens it. */
const metadata = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
]

/**
 * The policy which addresses may be reached: public ones, private ones where `privateToo`, and those in the networks
 * that are allowed besides (CIDR, or a single address). Undefined permits; else the reason.
 * @throws RangeError when an entry is not a network
 */
export function createReach(given: {
  readonly allowed: readonly string[]
  readonly privateToo?: boolean
}): (address: string, port: number) => string | undefined {
  const allowed = given.allowed.map(networkOf)
  const wide = listOf(allowed)
  const single = listOf(allowed.filter(({ isSingle }) => isSingle))
  const refused = closed
    .filter(([why]) => why !== isPrivate || given.privateToo !== true)
    .map(([why, ...networks]) => ({ why, list: listOf(networks.map(networkOf)) }))
  const secret = listOf(metadata.map(networkOf))

  return (written, port) => {
    const address = plainAddress(written)
    if (address === undefined) return 'it is not an IP address'
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return 'there is no such port'
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (secret.check(address, family))
      return single.check(address, family) ? undefined : 'it hands out the credentials of this machine'
    if (wide.check(address, family)) return undefined
    return refused.find(({ list }) => list.check(address, family))?.why
  }
}

interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
  readonly isSingle: boolean
}

function networkOf(written: string): Network {
  const [address = '', prefix] = written.trim().split('/')
  const version = isIP(address)
  const bits = version === 6 ? 128 : 32
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
  if (version === 0 || length < 0 || length > bits || address.includes('%'))
    throw new RangeError(`'${written}' is not a network; write it as 10.1.0.0/16 or fd00:1::/32`)
  return { address, prefix: length, family: version === 6 ? 'ipv6' : 'ipv4', isSingle: length === bits }
}

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList()
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family)
  return list
}
