import { setImmediate as turn } from 'node:timers/promises'
import { doubtAbout, type Position, type Signer, startOf } from './chain.ts'
import type { AuditStore, StoredAuditEvent } from './ports.ts'
import { readDetails } from './stored-event.ts'

/** Something that is wrong with the log. */
export interface Problem {
  /** The event, or the first of several. */
  readonly seq: number
  /**
   * `missing`: a gap. `edited`, `moved`, `inserted`: an event that is not what was written, stands elsewhere or was not
   * there. `unlinked`: it does not follow the one before. `end`: the tail was cut off, or its seal is broken. `anchor`:
   * the seal that retention left is forged. `break`: a process found the log tampered with when it went on writing it.
   */
  readonly kind: 'missing' | 'edited' | 'moved' | 'inserted' | 'unlinked' | 'end' | 'anchor' | 'break'
  readonly what: string
}

/** What checking the log came to. */
export interface Verification {
  readonly ok: boolean
  /** How many events were there to be checked. */
  readonly checked: number
  /** In the order of the log, up to 1,000. */
  readonly problems: readonly Problem[]
  /** The last event. Kept elsewhere, it shows later that the whole database was not set back. */
  readonly head: Position | undefined
}

const pageSize = 1_000
const mostProblems = 1_000
const mostSuspects = 200

/** What a walk along the log found. */
export interface Walk {
  readonly checked: number
  readonly problems: readonly Problem[]
  /** Every thousandth event, and the last one. */
  readonly marks: readonly Position[]
}

const several = (first: number, last: number): string =>
  first === last ? `event ${first} is missing` : `events ${first} to ${last} are missing`

/** An event that was written for another place carries its number in its hash; this finds it among the candidates. */
function explain(suspect: StoredAuditEvent, candidates: readonly number[], signer: Signer): Problem {
  const { seq } = suspect
  if (!signer.knows(suspect)) return { seq, kind: 'edited', what: 'the key that signed the event is not known' }
  const origin = candidates.find((other) => other !== seq && signer.isGenuine({ ...suspect, seq: other }))
  if (origin !== undefined) return { seq, kind: 'moved', what: `what stands here was written as event ${origin}` }
  return { seq, kind: 'edited', what: 'the event was changed, or was not written by Sluice' }
}

/** Checks every event after `from` up to the number `until`. */
export async function walkChain(given: {
  readonly store: AuditStore
  readonly signer: Signer
  readonly from: Position
  readonly until: number
  readonly witness?: Position | undefined
}): Promise<Walk> {
  const { store, signer, from, until, witness } = given
  const problems: Problem[] = []
  const marks: Position[] = []
  const suspects: StoredAuditEvent[] = []
  const candidates: number[] = []
  let checked = 0
  let at = from
  /** False when the hash of the event before is not to be relied on. */
  let linked = true

  const add = (seq: number, kind: Problem['kind'], what: string): void => {
    if (problems.length < mostProblems) problems.push({ seq, kind, what })
  }

  /** Retention may have gone on while the log was read. */
  async function followRetention(next: number): Promise<void> {
    const ends = await store.ends()
    const start = startOf(ends, signer)
    if (start.seq <= at.seq) return
    if (start.seq < next) at = start
    else {
      // It went on beyond what was read: before `next` there was nothing that should still be there.
      at = { seq: next - 1, hash: '' }
      linked = false
    }
  }

  function addGap(first: number, last: number): void {
    add(first, 'missing', several(first, last))
    for (let seq = first; seq <= last && candidates.length < mostSuspects; seq++) candidates.push(seq)
    linked = false
  }

  function suspect(event: StoredAuditEvent): void {
    if (suspects.length < mostSuspects) suspects.push(event)
    else add(event.seq, 'edited', 'the event was changed, or was not written by Sluice')
    if (candidates.length < mostSuspects) candidates.push(event.seq)
    linked = false
  }

  function check(event: StoredAuditEvent): void {
    const { seq, hash } = event
    if (!signer.isGenuine(event)) suspect(event)
    else {
      if (linked && event.previousHash !== at.hash) add(seq, 'unlinked', 'it does not follow the event before it')
      if (event.action === 'Break') add(seq, 'break', readDetails(event.details).attributes['reason'] ?? '')
      linked = true
    }
    if (witness?.seq === seq && witness.hash !== hash) add(seq, 'edited', 'it is not the event that was noted')
    at = { seq, hash }
    checked += 1
  }

  for (let beyond = Number.MIN_SAFE_INTEGER, done = false; !done; ) {
    const page = await store.list({}, { order: 'oldest', beyond, top: pageSize })
    for (const event of page) {
      if (event.seq > until) break
      if (event.seq > at.seq + 1) await followRetention(event.seq)
      if (event.seq > at.seq + 1) addGap(at.seq + 1, Math.ceil(event.seq) - 1)
      if (event.seq > at.seq) check(event)
      else add(event.seq, 'inserted', `it stands before event ${from.seq + 1}, with which the log begins`)
    }
    marks.push(at)
    const last = page.at(-1)
    done = last === undefined || last.seq >= until
    beyond = last?.seq ?? beyond
    // Checking takes this thread: between two pages calls get their turn.
    await turn()
  }
  if (at.seq < until) await followRetention(until + 1)
  if (at.seq < until) addGap(at.seq + 1, until)

  for (const event of suspects) problems.push(explain(event, candidates, signer))
  return { checked, problems: problems.toSorted((one, other) => one.seq - other.seq), marks }
}

/** Checks the whole log against its seals, what this process has `seen` of it, and a `witness` kept elsewhere. */
export async function verifyChain(given: {
  readonly store: AuditStore
  readonly signer: Signer
  readonly seen: Position | undefined
  readonly witness?: Position | undefined
}): Promise<Verification> {
  const { store, signer, seen, witness } = given
  const ends = await store.ends()
  const from = startOf(ends, signer)
  const until = ends.last?.seq ?? from.seq
  const walk = await walkChain({ store, signer, from, until, witness })
  const first: Problem[] = []
  if (ends.anchor !== undefined && !signer.isGenuine(ends.anchor))
    first.push({ seq: ends.anchor.seq, kind: 'anchor', what: 'the seal that retention left is forged' })
  const last: Problem[] = []
  const doubt = doubtAbout(ends, signer, seen)
  if (doubt !== undefined) last.push({ seq: until, kind: 'end', what: doubt })
  if (witness !== undefined && witness.seq > until)
    last.push({
      seq: until,
      kind: 'end',
      what: `the log was set back from ${witness.seq}, which was noted, to ${until}`,
    })
  if (witness !== undefined && witness.seq === from.seq && witness.hash !== from.hash)
    first.push({ seq: from.seq, kind: 'edited', what: 'it was not the event that was noted' })
  const problems = [...first, ...walk.problems, ...last]
  return { ok: problems.length === 0, checked: walk.checked, problems, head: ends.last }
}
