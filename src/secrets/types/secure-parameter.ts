import { secretText } from '../../fields/index.ts'
import type { MaterialType } from './declare-material.ts'

/** Secure Parameter; spaces count. */
export const secureParameter: MaterialType = {
  type: 'SecureParameter',
  label: 'Secure Parameter',
  most: 10_000,
  firstStatus: 'DEPLOYED',
  sentTo: [],
  shown: {},
  secret: { value: secretText({ label: 'Secure Parameter', help: 'Never shown again.', maxLength: 4096 }) },
}
