import { fixed, flag } from '../../fields/index.ts'

export const fields = {
  encoderType: fixed({
    label: 'Decoder Type',
    help: 'Chosen with the step.',
    accepts: ['MIME Multipart Message Decode'],
  }),
  MultipartHeadersInline: flag({
    label: 'Multipart Headers Inline',
    help: 'The body begins with the headers of the message; else the Content-Type header of the message names the boundary.',
    default: false,
  }),
}
