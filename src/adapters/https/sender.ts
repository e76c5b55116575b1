import { wordsOf } from '../../base/index.ts'
import type { Values } from '../../fields/index.ts'
import { declareSender, type HttpRequest, type HttpResponse, type HttpRoute } from '../../flow/index.ts'
import { Body } from '../../message/index.ts'
import { readCors } from './cors.ts'
import { faults } from './faults.ts'
import { fields } from './fields.ts'
import { compileEntry, exchangeOf } from './request.ts'
import { responseOf } from './response.ts'

const base = '/http'

/** HTTPS sender. */
export const httpsSender = declareSender({
  type: 'HTTPS',
  label: 'HTTPS',
  summary: 'Lets systems call a flow over HTTP, below /http.',
  answers: (source) => 'adapter' in source && source.adapter === 'HTTPS' && source.direction === 'Sender',
  fields,
  listen(values, { claims, deliver, flow, bundle, partner }) {
    const address = values.urlPath.startsWith('/') ? values.urlPath : `/${values.urlPath}`
    const contextPath = `${base}${address.replace(/\/\*$/, '')}`

    const authorization = authorizationOf(values)
    const entry = compileEntry(flow.allowedHeaders, authorization.kind !== 'certificate')

    function failed({ messageId }: HttpRequest, why: string): HttpResponse {
      const details = flow.returnExceptionToSender && why !== '' ? `${why}\n\n` : ''
      const words = `An internal server error occured: ${details}The MPL ID for the failed message is : ${messageId}`
      return {
        status: 500,
        headers: [
          ['Content-Type', 'text/plain; charset=utf-8'],
          ['SAP_MessageProcessingLogID', messageId],
        ],
        body: Body.ofText(words),
      }
    }

    claims.http({
      base,
      address,
      authorization,
      csrfProtected: values.xsrfProtection,
      maxBodySize: values.maximumBodySize,
      protocol: 'REST',
      allowedHeaders: flow.allowedHeaders,
      cors: readCors(bundle.model?.properties),
      flowId: flow.id,
      handle(request) {
        const { exchange, correlationId } = exchangeOf(request, contextPath, entry)
        const { messageId, principal } = request
        return deliver(exchange, { sender: partner, principal, messageId, correlationId }).then(
          (ended) =>
            ended === 'escalated' ? failed(request, 'The message was escalated.') : responseOf(exchange, messageId),
          (error: unknown) => failed(request, wordsOf(error)),
        )
      },
    })
  },
})

function authorizationOf(values: Values<typeof fields>): HttpRoute['authorization'] {
  if (values.senderAuthType === 'ClientCertificate') {
    const certificates = values.clientCertificates.map((row) => ({
      subjectDn: row['clientCertificate.subjectDN'].trim(),
      issuerDn: row['clientCertificate.issuerDN'].trim(),
    }))
    const named = certificates.filter(({ subjectDn, issuerDn }) => subjectDn !== '' || issuerDn !== '')
    if (named.length === 0) throw faults.certificatesMissing()
    if (named.some(({ subjectDn, issuerDn }) => subjectDn === '' || issuerDn === ''))
      throw faults.certificateIncomplete()
    return { kind: 'certificate', certificates: named }
  }
  if (values.userRole.trim() === '') throw faults.roleMissing()
  return { kind: 'role', role: values.userRole.trim() }
}
