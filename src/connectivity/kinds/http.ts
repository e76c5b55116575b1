import { choice } from '../../fields/index.ts'
import { credentialName, privateKeyAlias, timeout, url, validate } from '../common-fields.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { httpExchange, targetOf } from '../http-exchange.ts'

const fields = {
  url,
  method: choice({
    label: 'Method',
    help: 'Both only read. Other methods could change something at the server.',
    options: { GET: 'GET', HEAD: 'HEAD' },
    default: 'GET',
  }),
  authentication: choice({
    label: 'Authentication',
    help: 'How the test shows who it is.',
    options: { none: 'None', basic: 'Basic', clientCertificate: 'Client Certificate' },
    default: 'none',
  }),
  credentialName,
  privateKeyAlias,
  validateServerCertificate: validate,
  timeout,
}

/** Words by which servers say with an HTTP status what they could have said by a TLS alert. */
const certificateWanted = /no required ssl certificate|client certificate (?:is )?required|403\.7/i
const certificateRefused = /ssl certificate error|403\.1[67]/i

export const http = declareTest({
  kind: 'http',
  label: 'HTTP',
  help: 'Sends one request and shows status and headers. Redirects are shown, not followed.',
  fields,
  target: ({ url }) => targetOf(url),
  timeout: ({ timeout }) => timeout,
  async test(run, values) {
    const { url, method, authentication } = values
    const headers: Record<string, string> = {}
    if (authentication === 'basic') {
      const { user, password } = await run.credential(values.credentialName)
      headers['authorization'] = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    }
    if (authentication === 'clientCertificate') await run.keyPair(values.privateKeyAlias)
    const answer = await httpExchange(run, {
      url,
      method,
      headers,
      validate: values.validateServerCertificate,
      ...(authentication === 'clientCertificate' && { keyAlias: values.privateKeyAlias }),
    })
    run.facts['status'] = answer.status
    run.facts['bytes'] = answer.body.length
    for (const name of [
      'server',
      'content-type',
      'location',
      'www-authenticate',
      'strict-transport-security',
    ] as const) {
      const value = answer.headers[name]
      if (value !== undefined) run.facts[name] = run.quote(String(value))
    }
    const text = answer.status === 400 || answer.status === 403 ? answer.body.subarray(0, 4096).toString() : ''
    if (certificateWanted.test(text)) throw faults.clientCertificateRequired({ server: run.server })
    if (certificateRefused.test(text))
      throw faults.clientCertificateRefused({
        server: run.server,
        alert: `HTTP ${answer.status}`,
        meaning: 'it does not accept the certificate',
      })
    if (answer.status >= 400) throw faults.httpStatus({ url: run.server, status: answer.status })
  },
})
