import { hexId } from '../../base/index.ts'
import { declareStep } from '../../flow/index.ts'
import { attachmentDisposition, type MimePart, writeMultipart } from '../../formats/index.ts'
import { compileHeaderFilter } from '../../languages/index.ts'
import { type Attachment, Body, type Exchange } from '../../message/index.ts'
import { fields } from './fields.ts'

/** Encoder of MIME multipart messages (iflow-format 7, Encoder): body and attachments become one body. */
export const mimeMultipartEncode = declareStep({
  type: 'MIME Multipart Message Encode',
  label: 'MIME Multipart Encoder',
  summary: 'Makes one multipart message of the body and the attachments.',
  answers: ({ activity, properties }) =>
    activity === 'Encoder' && properties.get('encoderType') === 'MIME Multipart Message Encode',
  fields,
  compile({ MultipartSubtype, MultipartAddHeadersInline, IncludeHeaders }) {
    const included = compileHeaderFilter(IncludeHeaders)
    return (exchange) => {
      if (exchange.attachments.size === 0) return
      const boundary = `=_${hexId()}`
      const type = `multipart/${MultipartSubtype.toLowerCase()}; boundary="${boundary}"`
      const content = writeMultipart([bodyPart(exchange), ...[...exchange.attachments.values()].map(partOf)], boundary)
      const inline = MultipartAddHeadersInline ? inlineHeaders(exchange, type, included) : Buffer.alloc(0)
      exchange.body = Body.ofBytes(Buffer.concat([inline, content]))
      exchange.attachments.clear()
      if (!MultipartAddHeadersInline) {
        exchange.headers.set('MIME-Version', '1.0')
        exchange.headers.set('Content-Type', type)
      }
    }
  },
})

const bodyPart = ({ body, headers }: Exchange): MimePart => ({
  headers: [['Content-Type', headers.text('Content-Type') ?? 'application/octet-stream']],
  content: body.bytes(),
})

/** Headers that an attachment brought stay with it, except those that are written anew. */
const partOf = ({ name, contentType, body, headers }: Attachment): MimePart => ({
  headers: [
    ['Content-Type', contentType],
    ['Content-Disposition', attachmentDisposition(name)],
    ...[...headers].filter(
      ([given]) => !/^content-(?:type|disposition|transfer-encoding)$/i.test(given) && /^[!-9;-~]+$/.test(given),
    ),
  ],
  content: body.bytes(),
})

function inlineHeaders({ headers }: Exchange, type: string, included: (name: string) => boolean): Buffer {
  const further = [...headers].filter(
    ([name]) => included(name) && /^[!-9;-~]+$/.test(name) && !/^(?:content-type|mime-version)$/i.test(name),
  )
  const lines = [['MIME-Version', '1.0'] as const, ['Content-Type', type] as const, ...further].map(
    ([name, value]) => `${name}: ${String(value).replace(/[\r\n\0]+/g, ' ')}\r\n`,
  )
  return Buffer.from(`${lines.join('')}\r\n`)
}
