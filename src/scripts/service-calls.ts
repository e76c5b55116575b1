import type { HostCall } from './host-calls.ts'

// Scripts hand over text; anything else names nothing.
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The calls that the services of a run answer: value mapping and secure store. */
export const serviceCalls: Readonly<Record<string, HostCall>> = {
  'valueMapping.getMappedValue'(args, { services }) {
    const [agency = '', schema = '', value = '', targetAgency = '', targetSchema = ''] = args.map(textOf)
    return services.valueMappings.lookup({ agency, schema, value }, { agency: targetAgency, schema: targetSchema })
  },
  'secureStore.getUserCredential': ([alias], run) => run.services.credentials.userCredential(textOf(alias), run),
}
