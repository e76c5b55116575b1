import { fixed } from '../../fields/index.ts'

export const fields = {
  encoderType: fixed({ label: 'Decoder Type', help: 'Chosen with the step.', accepts: ['ZIP Decompress'] }),
}
