import type { Settings } from '../settings/index.ts'

/** What the control process tells a tenant process. */
export type ToTenant =
  | { readonly kind: 'start'; readonly tenant: string; readonly key: string; readonly settings: Settings }
  | { readonly kind: 'hint'; readonly topic: Topic }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'stop' }

/** What a tenant process tells the control process. */
export type ToControl =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly remedy: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }

/** What has changed in the database. A hint only: the reader looks for itself. */
export type Topic = 'deployments' | 'identity' | 'certificates'

export type Question = { readonly what: 'metrics' } | { readonly what: 'cancel'; readonly messageId: string }
