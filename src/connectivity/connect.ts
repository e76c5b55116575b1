import { isIP, connect as openSocket, type Socket } from 'node:net'

import { wordsOf } from '../base/index.ts'
import type { Target } from './contracts.ts'
import { faults } from './faults.ts'
import type { Run } from './run.ts'

/** Failures of one address after which another address of the same host may still answer. */
const elsewhere = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ETIMEDOUT'])

export const serverName = ({ host, port }: Target): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`

/**
 * Resolves the host once, asks whether what was found may be reached, and connects to that address: a name that
 * changes its address between check and use leads nowhere else.
 * @throws connectivity.addressNotPermitted, hostUnknown, lookupFailed and those of `explain`
 */
export async function connect(run: Run, target: Target): Promise<Socket> {
  run.server = serverName(target)
  const addresses = await run.step('resolve', async (note) => {
    const found = await permitted(run, target)
    note(found.join(', '))
    return found
  })
  return await run.step('connect', async (note) => {
    for (const [index, address] of addresses.entries()) {
      try {
        const socket = await open(run, address, target.port)
        note(`${address} port ${target.port}`)
        run.facts['address'] = address
        return socket
      } catch (error) {
        if (index === addresses.length - 1 || !elsewhere.has((error as { code?: string }).code ?? '')) throw error
      }
    }
    throw faults.hostUnknown({ host: target.host })
  })
}

async function permitted(run: Run, { host, port }: Target): Promise<readonly string[]> {
  const addresses = await lookup(run, host)
  const checked = addresses.map((address) => ({ address, why: run.context.mayReach(address, port) }))
  const open = checked.flatMap(({ address, why }) => (why === undefined ? [address] : []))
  const [refused] = checked.flatMap(({ why }) => (why === undefined ? [] : [why]))
  if (open.length === 0) throw faults.addressNotPermitted({ host, addresses, why: refused ?? 'it has no address' })
  return open
}

async function lookup(run: Run, host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  let found: readonly string[]
  try {
    found = await run.context.resolve(host)
  } catch (cause) {
    const { code } = cause as { code?: string }
    if (code === 'ENOTFOUND' || code === 'ENODATA') throw faults.hostUnknown({ host }, { cause })
    throw faults.lookupFailed({ host, why: code ?? run.quote(wordsOf(cause)) }, { cause })
  }
  const addresses = [...new Set(found)].filter((address) => isIP(address) !== 0)
  if (addresses.length === 0) throw faults.hostUnknown({ host })
  return addresses
}

async function open(run: Run, address: string, port: number): Promise<Socket> {
  const socket = run.own(openSocket({ host: address, port, noDelay: true }))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  // Whoever reads next listens for errors too; one that comes while nobody reads must not end the process.
  socket.on('error', () => {})
  return socket
}
