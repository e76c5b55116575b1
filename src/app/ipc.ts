import type { ExplainQuestion } from '../inbound/index.ts'
import type { Settings } from '../settings/index.ts'

/** What the control process tells a tenant process. */
export type ToTenant =
  | {
      readonly kind: 'start'
      readonly tenant: string
      /** In base64; the first seals. */
      readonly keys: readonly string[]
      readonly settings: Settings
    }
  | { readonly kind: 'hint'; readonly topic: Topic }
  /** Where the authorization server is: tokens name it as their issuer. */
  | { readonly kind: 'control'; readonly url: string }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'stop' }

/** What a tenant process tells the control process. */
export type ToControl =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly remedy: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }

/** What has changed in the database. A hint only: the reader looks for itself. */
export type Topic = 'deployments' | 'identity' | 'keystore' | 'secrets' | 'tokens'

export type Question =
  | { readonly what: 'metrics' }
  /** What holds scripts; a word while none was deployed. */
  | { readonly what: 'sandbox' }
  | { readonly what: 'cancel'; readonly messageId: string }
  /** Answered when the change has been taken over. */
  | { readonly what: 'refresh'; readonly topic: Topic }
  | { readonly what: 'explain'; readonly question: ExplainQuestion }
  /** Other keys, in base64; the first seals. Answered with true when they are taken over and records are read anew. */
  | { readonly what: 'keys'; readonly keys: readonly string[] }
  /** True when all that was sealed before is in the database, within so many milliseconds. */
  | { readonly what: 'settled'; readonly within: number }
