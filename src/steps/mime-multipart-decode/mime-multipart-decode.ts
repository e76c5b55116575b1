import { uuid } from '../../base/index.ts'
import { declareStep } from '../../flow/index.ts'
import { headerOf, type MimePart, parseMimeHeader, partName, readMimePart, readMultipart } from '../../formats/index.ts'
import { type Attachment, Body, type Exchange } from '../../message/index.ts'
import { fields } from './fields.ts'

/** Decoder of MIME multipart messages (iflow-format 7, Decoder): the first part is the body, the others attachments. */
export const mimeMultipartDecode = declareStep({
  type: 'MIME Multipart Message Decode',
  label: 'MIME Multipart Decoder',
  summary: 'Makes the first part of a multipart message the body, and the others attachments.',
  answers: ({ activity, properties }) =>
    activity === 'Decoder' && properties.get('encoderType') === 'MIME Multipart Message Decode',
  fields,
  compile: ({ MultipartHeadersInline }) =>
    MultipartHeadersInline
      ? (exchange) => decode(exchange, readMimePart(exchange.body.bytes()), takeHeaders)
      : (exchange) => {
          const type = exchange.headers.text('Content-Type')
          // What says that it is no multipart message goes on as it is.
          if (type !== undefined && isMultipart(type)) {
            decode(exchange, { headers: [['Content-Type', type]], content: exchange.body.bytes() }, () => {})
          }
        },
})

const isMultipart = (type: string): boolean => parseMimeHeader(type).value.startsWith('multipart/')
const contentTypeOf = (part: MimePart): string => headerOf(part, 'Content-Type') ?? 'text/plain'

function decode(exchange: Exchange, message: MimePart, takeOuter: typeof takeHeaders): void {
  takeOuter(exchange, message)
  const type = contentTypeOf(message)
  const parts = isMultipart(type)
    ? readMultipart(message.content, parseMimeHeader(type).parameters.get('boundary') ?? '')
    : [message]
  const [first, ...others] = parts
  if (first === undefined) return
  takeHeaders(exchange, first)
  exchange.headers.set('Content-Type', contentTypeOf(first))
  exchange.body = bodyOf(first)
  for (const part of others) {
    const attachment = attachmentOf(part)
    exchange.attachments.set(attachment.name, attachment)
  }
}

/** Headers of a part become headers of the message, except those that speak of the MIME form itself. */
function takeHeaders(exchange: Exchange, part: MimePart): void {
  for (const [name, value] of part.headers) {
    if (!/^(?:message-id|mime-version|content-type|content-transfer-encoding)$/i.test(name)) {
      exchange.headers.set(name, value)
    }
  }
}

const bodyOf = (part: MimePart): Body =>
  Body.ofBytes(part.content, parseMimeHeader(contentTypeOf(part)).parameters.get('charset'))

const attachmentOf = (part: MimePart): Attachment => ({
  name: partName(part) ?? uuid(),
  contentType: contentTypeOf(part),
  body: bodyOf(part),
  headers: new Map(part.headers),
})
