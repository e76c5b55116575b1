import assert from 'node:assert/strict'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'

import { newAuthority } from '../../test/kit/authority.ts'
import { echo, type FrontDoor, openFrontDoor } from '../../test/kit/front-door.ts'
import { Body } from '../message/index.ts'

let door: FrontDoor
let sockets: TLSSocket[]

beforeEach(async () => {
  sockets = []
  door = await openFrontDoor()
  door.routes.swap('Echo', [echo()])
  door.watchChanges()
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  return door.close()
})

async function dial(options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ port: door.port, host: '127.0.0.1', ca: door.ca.certificate, ...options })
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET /http/echo HTTP/1.1\r\nHost: x\r\n\r\n')
  return String(((await once(socket, 'data')) as [Buffer])[0])
}

/** A sender of a CA that can be removed. */
async function sender() {
  const authority = await newAuthority('CN=Partner CA')
  const anchor = await door.identity.anchors.create({ certificate: authority.certificate }, 'test')
  const own = await (await authority.intermediate('CN=Issuing')).issue({ subject: 'CN=sender' })
  const { key } = await door.certificateKey(own)
  return { anchor, key, tls: { cert: own.chain, key: own.key } }
}

const closed = (socket: TLSSocket) => socket.closed || socket.destroyed

describe('a trust anchor that is removed', () => {
  it('ends idle connections at once, and leaves those of others open', async () => {
    const { anchor, tls } = await sender()
    const other = (await door.certificateKey()).tls
    const { auth } = await door.secretKey()
    const [theirs, never, ours, plain] = [await dial(tls), await dial(tls), await dial(other), await dial({})]
    assert.match(await ask(theirs), /^HTTP\/1.1 200 /)
    assert.match(await ask(ours), /^HTTP\/1.1 200 /)
    const agent = door.keepAlive()
    assert.equal((await door.call('/http/echo', { auth, agent })).status, 200)
    await door.identity.anchors.remove(anchor.fingerprint, 'test')
    await door.until(() => closed(theirs) && closed(never))
    assert.deepEqual([theirs, never, ours, plain].map(closed), [true, true, false, false])
    assert.match(await ask(ours), /^HTTP\/1.1 200 /)
    assert.equal(Object.values(agent.freeSockets).flat().length, 1)
  })

  it('lets a call under way end, and then its connection', async () => {
    const { anchor, tls } = await sender()
    let finish: (() => void) | undefined
    door.routes.swap('Echo', [
      echo({
        handle: () =>
          new Promise((resolve) => (finish = () => resolve({ status: 200, headers: [], body: Body.ofText('done') }))),
      }),
    ])
    const socket = await dial(tls)
    const answer = ask(socket)
    await door.until(() => finish !== undefined)
    await door.identity.anchors.remove(anchor.fingerprint, 'test')
    await wait(30)
    assert.equal(closed(socket), false)
    finish?.()
    assert.match(await answer, /^HTTP\/1.1 200 [^]*Connection: close[^]*done/i)
    await door.until(() => closed(socket))
    assert.equal(closed(socket), true)
  })

  it('ends sessions: a new connection cannot resume one, and is refused', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { anchor, tls } = await sender()
      const first = await dial({ ...tls, maxVersion })
      let session: Buffer | undefined
      first.on('session', (made: Buffer) => (session = made))
      await ask(first)
      session ??= first.getSession()
      const resumed = await dial({ ...tls, maxVersion, ...(session && { session }) })
      assert.equal(resumed.isSessionReused(), true)
      // In a resumed session the intermediate is missing; it is known from the full handshake.
      assert.match(await ask(resumed), /^HTTP\/1.1 200 /)
      await door.identity.anchors.remove(anchor.fingerprint, 'test')
      const again = await dial({ ...tls, maxVersion, ...(session && { session }) })
      assert.equal(again.isSessionReused(), false)
      assert.match(await ask(again), /^HTTP\/1.1 401 /)
    }
  })
})

describe('a registration that is removed', () => {
  it('ends idle connections at once', async () => {
    const { key, tls } = await sender()
    const socket = await dial(tls)
    assert.match(await ask(socket), /^HTTP\/1.1 200 /)
    await door.identity.keys.remove(key.id, 'test')
    await door.until(() => closed(socket))
    assert.equal(closed(socket), true)
  })
})

describe('a change that takes nothing away', () => {
  it('leaves connections open under load, and no call fails', async () => {
    const { tls } = await sender()
    const agent = door.keepAlive({ ...tls, maxSockets: 8 })
    const load = { stopped: false }
    const statuses: number[] = []
    const callers = Array.from({ length: 8 }, async () => {
      while (!load.stopped) statuses.push((await door.call('/http/echo', { agent })).status)
    })
    for (let n = 0; n < 10; n++) {
      await sender().catch(() => undefined)
      await door.role(`R${n}`)
    }
    load.stopped = true
    await Promise.all(callers)
    assert.ok(statuses.length > 20)
    assert.deepEqual([...new Set(statuses)], [200])
  })
})

describe('connections of one address', () => {
  it('beyond the limit are closed and recorded, and count again when others have gone', async () => {
    const own = await openFrontDoor({ listener: { connectionsPerAddress: 3 } })
    const open = () => {
      const socket = connect({ port: own.port, host: '127.0.0.1', ca: own.ca.certificate })
      sockets.push(socket)
      socket.on('error', () => undefined)
      return socket
    }
    const first = [open(), open(), open()]
    await Promise.all(first.map((socket) => once(socket, 'secureConnect')))
    const fourth = open()
    await own.until(() => closed(fourth) && own.refusals.length > 0)
    assert.deepEqual(
      own.refusals.map(({ code, remoteAddress }) => [code, remoteAddress]),
      [['limit.connectionsPerAddress', '127.0.0.1']],
    )
    first[0]?.destroy()
    await wait(30)
    await once(open(), 'secureConnect')
    await own.close()
  })
})
