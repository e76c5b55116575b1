import { declareStep } from '../../flow/index.ts'
import { Body } from '../../message/index.ts'
import { fields } from './fields.ts'

/** Encoder of the type Base64 (iflow-format 7, Encoder). */
export const base64Encode = declareStep({
  type: 'Base64 Encode',
  label: 'Base64 Encoder',
  summary: 'Writes the bytes of the body as Base64.',
  answers: ({ activity, properties }) => activity === 'Encoder' && properties.get('encoderType') === 'Base64 Encode',
  fields,
  compile: () => (exchange) => {
    exchange.body = Body.ofText(exchange.body.bytes().toString('base64'))
  },
})
