import { flag, informative } from '../../fields/index.ts'

export const fields = {
  throwException: flag({
    label: 'Throw Exception',
    help: 'Raise an error when no condition is true, instead of taking the default route.',
    default: false,
  }),
  raiseAlert: informative({ label: 'Raise Alert', help: 'Of old versions; has no effect.' }),
}
