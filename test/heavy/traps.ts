import { createServer, type Server } from 'node:net'

/** What a script that gets out would reach: a variable, a port and a socket of this machine, signals to this process. */
export interface Traps {
  readonly port: number
  /** Connections and signals that came. */
  readonly sprung: () => readonly [connections: number, signals: number]
  readonly close: () => void
}

export async function setTraps(given: {
  /** Value of the variable `SLUICE_CANARY`. */
  readonly secret: string
  /** Path of the local socket. */
  readonly socket: string
  readonly signals: readonly NodeJS.Signals[]
}): Promise<Traps> {
  let connections = 0
  let signals = 0
  const count = (): void => void (signals += 1)
  const listen = async (place: { readonly port: number; readonly host: string } | { readonly path: string }) => {
    const server = createServer((socket) => {
      connections += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => server.listen(place, resolve))
    return server
  }
  process.env.SLUICE_CANARY = given.secret
  for (const signal of given.signals) process.on(signal, count)
  const servers: readonly Server[] = [
    await listen({ port: 0, host: '127.0.0.1' }),
    await listen({ path: given.socket }),
  ]
  const address = servers[0]?.address()
  if (typeof address !== 'object' || address === null) throw new Error('the trap has no port')
  return {
    port: address.port,
    sprung: () => [connections, signals],
    close() {
      for (const server of servers) server.close()
      for (const signal of given.signals) process.off(signal, count)
      delete process.env.SLUICE_CANARY
    },
  }
}
