import { lookup } from 'node:dns/promises'

/** All addresses of a host name as this machine resolves it (hosts file, DNS), in its order. */
export const systemResolve = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address)
