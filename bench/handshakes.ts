import { connect } from 'node:tls'

/** Full handshakes a second, with a client certificate and no resumption, 16 at a time. */
export async function handshakeRate(target: {
  readonly port: number
  readonly ca: string
  readonly cert: string
  readonly key: string
}): Promise<number> {
  const end = performance.now() + 4_000
  let count = 0
  const start = performance.now()
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ ...target, host: '127.0.0.1', servername: 'localhost' }, () => {
        count++
        socket.destroy()
        resolve()
      })
      socket.once('error', reject)
    })
  const lane = async (): Promise<void> => {
    while (performance.now() < end) await one()
  }
  await Promise.all(Array.from({ length: 16 }, lane))
  return (count / (performance.now() - start)) * 1000
}
