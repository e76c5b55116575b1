import { fixed } from '../../fields/index.ts'

export const fields = {
  encoderType: fixed({ label: 'Encoder Type', help: 'Chosen with the step.', accepts: ['ZIP Compress'] }),
}
