/** Aliases of the entries that Sluice makes for itself in a tenant's keystore. */
export const aliases = { ca: 'sluice_ca', server: 'sluice_server' } as const
