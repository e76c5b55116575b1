import type { Cors, Properties } from '../../flow/index.ts'

/** The cross-origin settings of the flow (iflow-format 4.1); undefined where they are off. */
export function readCors(settings: Properties | undefined): Cors | undefined {
  if (!/^(true|1)$/i.test(settings?.get('corsEnabled') ?? '')) return undefined
  const list = (key: string) => (settings?.get(key) ?? '').split(/[,|;\s]+/).filter(Boolean)
  const age = settings?.get('accessControlMaxAge') ?? ''
  return {
    origins: list('allowedOrigins'),
    methods: list('allowedMethods').map((method) => method.toUpperCase()),
    headers: list('allowedHeaders'),
    exposed: list('exposedHeaders'),
    maxAge: /^\d+$/.test(age) ? Number(age) : undefined,
    credentials: /^(true|1)$/i.test(settings?.get('accessControlAllowCredentials') ?? ''),
  }
}
