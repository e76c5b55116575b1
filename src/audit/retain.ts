import { setImmediate as turn } from 'node:timers/promises'
import { type Signer, startOf } from './chain.ts'
import { faults } from './faults.ts'
import type { AuditStore } from './ports.ts'
import type { AuditDraft } from './records.ts'
import { type Problem, walkChain } from './verify-chain.ts'

/** The hash before the first event that stays: of a broken part that event still knows it. */
async function hashBefore(store: AuditStore, seq: number, fallback: string): Promise<string> {
  const [event] = await store.list({}, { order: 'oldest', beyond: seq - 1, top: 1 })
  return event?.seq === seq ? event.previousHash : fallback
}

/**
 * Deletes what is older than `before` from the beginning of the log, up to the first event that is not, and leaves a
 * seal in its place; returns how many events there were. That it did so is recorded first. A part that was tampered with
 * is evidence and stays, unless `evenBroken` says otherwise.
 * @throws audit.chainBroken, audit.notRecorded
 */
export async function retain(given: {
  readonly store: AuditStore
  readonly signer: Signer
  readonly record: (draft: AuditDraft) => Promise<void>
  readonly before: number
  readonly evenBroken: boolean
}): Promise<number> {
  const { store, signer, record, before, evenBroken } = given
  const firstKept = await store.firstSince(before)
  const ends = await store.ends()
  const from = startOf(ends, signer)
  const until = firstKept === undefined ? (ends.last?.seq ?? from.seq) : firstKept - 1
  if (until <= from.seq) return 0

  const walk = await walkChain({ store, signer, from, until })
  const forged = ends.anchor !== undefined && !signer.isGenuine(ends.anchor)
  const problems: readonly Problem[] = forged
    ? [{ seq: ends.anchor.seq, kind: 'anchor', what: 'the seal that retention left is forged' }, ...walk.problems]
    : walk.problems
  const [problem] = problems
  if (problem !== undefined && !evenBroken) throw faults.chainBroken({ seq: problem.seq, what: problem.what })

  await record({
    action: 'Delete',
    objectType: 'Audit Log',
    objectId: `${from.seq + 1}-${until}`,
    attributes: {
      events: String(walk.checked),
      ...(problem && { problems: String(problems.length), firstProblem: `${problem.seq}: ${problem.what}` }),
    },
  })
  const marks = walk.marks.filter(({ seq }) => seq > from.seq && seq < until)
  const last = walk.marks.at(-1)?.hash ?? ''
  const end = { seq: until, hash: problem === undefined ? last : await hashBefore(store, until + 1, last) }
  let anchor = ends.anchor
  let deleted = 0
  for (const { seq, hash } of [...marks, end]) {
    const next = signer.seal('anchor', seq + 1, hash)
    // Another process is at the same: it goes on with what is left.
    const count = await store.cut(anchor, next)
    if (count === undefined) return deleted
    deleted += count
    anchor = next
    await turn()
  }
  return deleted
}
