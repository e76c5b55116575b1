import { choice, duration, flag, informative, integer, text } from '../../fields/index.ts'

export const fields = {
  splitType: choice({
    label: 'Type',
    help: 'Whether parts keep the elements around them (general) or stand alone (iterating).',
    options: { GeneralSplitter: 'General Splitter', IteratingSplitter: 'Iterating Splitter', Camel: 'Iterating (old)' },
    default: 'IteratingSplitter',
    unsupported: ['EDISplitter', 'IDoc', 'PKCS#7/CMS Signature-Content Splitter'],
  }),
  exprType: choice({
    label: 'Expression Type',
    help: 'What the body is split along.',
    options: { XPath: 'XPath', Token: 'Token', 'Line Break': 'Line Break' },
    default: 'XPath',
  }),
  splitExprValue: text({
    label: 'XPath Expression',
    help: 'Elements that become parts; may hold ${...}.',
    default: '',
  }),
  tokenValue: text({ label: 'Token', help: 'Text that separates the parts.', default: '' }),
  grouping: integer({ label: 'Grouping', help: 'How many elements make a part.', min: 1, max: 1_000_000, default: 1 }),
  ParallelProcessing: flag({ label: 'Parallel Processing', help: 'Work on several parts at once.', default: false }),
  SplitterThreads: integer({
    label: 'Number of Concurrent Processes',
    help: 'How many parts are worked on at once.',
    min: 1,
    max: 50,
    default: 10,
  }),
  timeOut: duration({
    label: 'Timeout',
    help: 'How long parallel processing may take, in seconds.',
    unit: 's',
    min: 1,
    max: 100_000_000,
    default: 300,
  }),
  StopOnExecution: flag({
    label: 'Stop on Exception',
    help: 'The first part that fails ends the message; else it is left out.',
    default: true,
  }),
  Streaming: informative({ label: 'Streaming', help: 'Has no effect: parts are made one by one anyway.' }),
}
