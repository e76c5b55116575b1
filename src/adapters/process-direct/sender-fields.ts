import { text } from '../../fields/index.ts'

export const fields = {
  address: text({
    label: 'Address',
    help: 'Address under which other flows of the tenant call this one.',
    maxLength: 2_000,
  }),
}
