import { expression } from '../../fields/index.ts'

export const fields = {
  address: expression({ label: 'Address', help: 'Address of the flow to call; may hold ${...}.' }),
}
