import { choice, fixed, flag, text } from '../../fields/index.ts'

export const fields = {
  encoderType: fixed({
    label: 'Encoder Type',
    help: 'Chosen with the step.',
    accepts: ['MIME Multipart Message Encode'],
  }),
  MultipartSubtype: choice({
    label: 'Multipart Subtype',
    help: 'How the parts belong together.',
    options: { Mixed: 'Mixed', Related: 'Related', Alternative: 'Alternative', Digest: 'Digest', Parallel: 'Parallel' },
    default: 'Mixed',
  }),
  MultipartAddHeadersInline: flag({
    label: 'Add Multipart Header Inline',
    help: 'The body begins with the headers of the multipart message; else they become headers of the message.',
    default: false,
  }),
  IncludeHeaders: text({
    label: 'Include Headers',
    help: 'Inline only: headers of the message to write with them, as names or regular expressions separated by |.',
    default: '',
  }),
  FoldLongHeaders: fixed({
    label: 'Fold Long Headers',
    help: 'Whether headers inline are folded to lines of 76 characters.',
    accepts: ['false', '', '0'],
  }),
}
