import { declareStep } from '../../flow/index.ts'
import { Body } from '../../message/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

/** Decoder of the type Base64 (iflow-format 7, Decoder). Blanks and line breaks are skipped. */
export const base64Decode = declareStep({
  type: 'Base64 Decode',
  label: 'Base64 Decoder',
  summary: 'Turns a Base64 body back into its bytes.',
  answers: ({ activity, properties }) => activity === 'Decoder' && properties.get('encoderType') === 'Base64 Decode',
  fields,
  compile: () => (exchange) => {
    const text = exchange.body
      .bytes()
      .toString('latin1')
      .replace(/[\t\n\f\r ]+/g, '')
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) throw faults.base64Invalid()
    exchange.body = Body.ofBytes(Buffer.from(text, 'base64'))
  },
})
