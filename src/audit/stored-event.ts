import { canonicalJson } from './canonical-json.ts'
import { safeAttributes, safeChanges, safeText } from './describe-change.ts'
import type { StoredAuditEvent } from './ports.ts'
import type { Actor, AuditDraft, AuditEvent } from './records.ts'

/** An event that has no place in the log yet. */
export type Unplaced = Omit<StoredAuditEvent, 'seq' | 'keyId' | 'previousHash' | 'hash'>

const longest = 500

/** A text that both databases keep as it is: without NUL and halves of characters, which would change its hash. */
const fit = (text: string): string =>
  safeText(text.length > longest ? `${text.slice(0, longest - 1)}…` : text)
    .replaceAll('\0', '\uFFFD')
    .toWellFormed()

/** A draft made ready to be stored: who did it and when is filled in, secrets that slipped in are taken out. */
export function unplaced(draft: AuditDraft, actor: Actor, time: number): Unplaced {
  const { attributes = {}, changedAttributes = {} } = draft
  return {
    time: Math.floor(time),
    user: fit(draft.user ?? actor.user),
    source: fit(draft.source ?? actor.source),
    via: draft.via ?? actor.via,
    action: draft.action,
    objectType: draft.objectType,
    objectId: fit(draft.objectId),
    times: 1,
    details: canonicalJson({
      attributes: safeAttributes(attributes),
      changedAttributes: safeChanges(changedAttributes),
    }),
  }
}

type Details = Pick<AuditEvent, 'attributes' | 'changedAttributes'>

/** Attributes as they were recorded. A text that somebody broke has none; verifying names the event. */
export function readDetails(details: string): Details {
  try {
    const { attributes, changedAttributes } = JSON.parse(details) as Partial<Details>
    return { attributes: attributes ?? {}, changedAttributes: changedAttributes ?? {} }
  } catch {
    return { attributes: {}, changedAttributes: {} }
  }
}

/** An event as it is shown. */
export const eventOf = (stored: StoredAuditEvent): AuditEvent => ({
  seq: stored.seq,
  time: stored.time,
  user: stored.user,
  source: stored.source,
  via: stored.via as Actor['via'],
  action: stored.action,
  objectType: stored.objectType,
  objectId: stored.objectId,
  times: stored.times,
  ...readDetails(stored.details),
  previousHash: stored.previousHash,
  hash: stored.hash,
})
