import type { TLSSocket } from 'node:tls'

import { flag, text } from '../../fields/index.ts'
import { host, port, privateKeyAlias, timeout, validate } from '../common-fields.ts'
import { connect } from '../connect.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import type { Run } from '../run.ts'
import { secure } from '../secure.ts'

const fields = {
  host,
  port: port('443'),
  authenticateWithClientCertificate: flag({
    label: 'Authenticate with Client Certificate',
    help: 'Show the server the certificate of a key pair.',
    default: false,
  }),
  alias: {
    ...privateKeyAlias,
    words: { label: 'Alias', help: 'Key pair to show, where a client certificate is wanted.' },
  },
  alpn: text({
    label: 'Application Protocols',
    help: 'Protocols to offer (ALPN), separated by commas, such as h2,http/1.1; empty for none.',
    default: '',
    pattern: /^[\x21-\x2b\x2d-\x7e]{1,255}(?:\s*,\s*[\x21-\x2b\x2d-\x7e]{1,255})*$/,
    form: 'names separated by commas',
  }),
  validateServerCertificate: validate,
  timeout,
}

/** How long a server of TLS 1.3 is given to turn down a client certificate after the handshake. */
const objection = 1000

export const tls = declareTest({
  kind: 'tls',
  label: 'TLS',
  help: 'Does the handshake and shows chain, protocol and cipher. Whether the client may call anything is not tested.',
  fields,
  target: ({ host, port }) => ({ host, port: port ?? 443 }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    if (values.authenticateWithClientCertificate) await run.keyPair(values.alias)
    const socket = await connect(run, target)
    const secured = await secure(run, socket, {
      host: target.host,
      validate: values.validateServerCertificate,
      ...(values.alpn !== '' && { alpn: values.alpn.split(',').map((name) => name.trim()) }),
      ...(values.authenticateWithClientCertificate && { keyAlias: values.alias }),
    })
    await run.step('handshake', async (note) => {
      note(await settled(run, secured))
    })
  },
})

/** In TLS 1.3 the client is done before the server has seen its certificate: an objection comes later, or a ticket. */
async function settled(run: Run, secured: TLSSocket): Promise<string> {
  if (secured.getProtocol() !== 'TLSv1.3') return 'completed'
  return await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => resolve('completed; the server raised no objection'), objection)
    const done = (): void => {
      clearTimeout(timer)
      resolve('completed; the server issued a session')
    }
    secured.once('session', done)
    secured.once('data', done)
    secured.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    secured.once('end', () => {
      clearTimeout(timer)
      reject(faults.connectionBroken({ server: run.server, step: 'handshake' }))
    })
  })
}
