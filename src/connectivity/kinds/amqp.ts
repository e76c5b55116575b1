import { choice, flag, text } from '../../fields/index.ts'
import { amqpMechanisms } from '../amqp-mechanisms.ts'
import { host, port, proxy, timeout, validate } from '../common-fields.ts'
import { connect } from '../connect.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { createLineClient } from '../line-client.ts'
import { secure } from '../secure.ts'
import { type ByteStream, openWebSocket } from '../web-socket.ts'

const fields = {
  transportProtocol: choice({
    label: 'Transport Protocol',
    help: 'Whether AMQP runs over TCP itself or inside a WebSocket.',
    options: { tcp: 'TCP', webSocket: 'WebSocket' },
    default: 'tcp',
  }),
  host,
  port: port('5671, or 443 with WebSocket'),
  path: text({
    label: 'Path',
    help: 'Path of the WebSocket.',
    default: '/',
    maxLength: 1000,
    pattern: /^\/[\x21-\x7e]*$/,
    form: 'a path that begins with a slash',
  }),
  ...proxy,
  connectWithTls: flag({ label: 'Connect with TLS', help: 'Encrypt the connection from the start.', default: true }),
  validateServerCertificate: validate,
  timeout,
}

/** Headers of the protocol: asks for SASL, version 1.0.0 (AMQP 1.0, part 5.3). */
const saslHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0])
const mostBytes = 64 * 1024

export const amqp = declareTest({
  kind: 'amqp',
  label: 'AMQP',
  help: 'Agrees with a broker on AMQP 1.0 and shows how it lets clients log on. The test itself does not log on.',
  fields,
  target: ({ host, port, transportProtocol }) => ({ host, port: port ?? (transportProtocol === 'tcp' ? 5671 : 443) }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    const inside = values.transportProtocol === 'webSocket'
    const plain = await connect(run, target)
    const socket = values.connectWithTls
      ? await secure(run, plain, {
          host: target.host,
          validate: values.validateServerCertificate,
          ...(inside && { alpn: ['http/1.1'] }),
        })
      : plain
    const lines = createLineClient(run, socket)
    const stream: ByteStream = inside
      ? await run.step('request', () => openWebSocket(run, lines, { ...target, path: values.path, protocol: 'amqp' }))
      : { send: lines.send, readBytes: lines.readBytes }
    await run.step('greeting', async (note) => {
      stream.send(saslHeader)
      const header = await stream.readBytes(8)
      if (header.subarray(0, 4).toString('latin1') !== 'AMQP')
        throw faults.protocolUnexpected({
          server: run.server,
          protocol: 'AMQP',
          words: run.quote(header.toString('latin1')),
        })
      const [, , , , id = 0, major = 0, minor = 0, revision = 0] = header
      if (major !== 1) {
        // Before 1.0 the header had the version in its last three bytes, and a zero in front.
        const version = id === 0 || id === 1 ? `${major}-${minor}-${revision}` : `${major}.${minor}.${revision}`
        throw faults.amqpVersion({ server: run.server, version: version.replace(/^0-0-9$/, '0-9') })
      }
      run.facts['amqpVersion'] = `${major}.${minor}.${revision}`
      if (id !== 3) {
        note('AMQP 1.0 without log-on')
        return
      }
      const size = (await stream.readBytes(4)).readUInt32BE(0)
      if (size < 8 || size > mostBytes)
        throw faults.protocolUnexpected({ server: run.server, protocol: 'AMQP', words: '' })
      const mechanisms = amqpMechanisms(await stream.readBytes(size - 4)).map(run.quote)
      run.facts['authenticationMethods'] = mechanisms
      note(`AMQP 1.0, log-on by ${mechanisms.join(', ')}`)
    })
  },
})
