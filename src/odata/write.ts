import type { FunctionImport, Operation, Outcome, Reply } from './entity-set.ts'
import { faults } from './faults.ts'
import { contentTypes } from './payload/format.ts'
import { readBody } from './payload/read-body.ts'
import { type ODataResponse, type Reading, writtenEntity, writtenList, writtenMedia } from './read.ts'
import type { Target } from './resolve.ts'
import { show } from './show.ts'

/** What writing needs besides what reading needs. */
export interface Writing<Context> extends Reading<Context> {
  readonly method: string
  readonly body: Buffer
  readonly contentType: string | undefined
}

const plain = { select: undefined, expand: [] } as const

/** Answers POST, PUT and DELETE on a target. @throws odata faults, and what the sets throw */
export async function write<Context>(target: Target<Context>, writing: Writing<Context>): Promise<ODataResponse> {
  const { collection, set, single, key } = target
  const { walk, method, ending } = writing
  const { authorize, context } = walk
  const acted = act(target, writing)
  if (acted !== undefined) return outcome(await acted(), target, writing)
  if (target.property || ending) throw notAllowed(target, method)
  if (method === 'POST' && !single && collection.upload) {
    authorize(collection.upload.requires, context)
    return replied(
      collection.upload.status,
      await collection.upload.run(writing.body, writing.contentType ?? '', context),
    )
  }
  if (method === 'POST' && !single && collection.create) {
    authorize(collection.create.requires, context)
    const created = await collection.create.run(readBody(writing.body, writing.contentType, set.type), context)
    if (!created) return replied(collection.create.status, {})
    const shown = await show(set, created, plain, writing.root, walk)
    const [contentType, body] = writtenEntity(shown, writing)
    return { status: collection.create.status, headers: { 'content-type': contentType, location: shown.uri }, body }
  }
  if (method === 'PUT' && single && collection.update) {
    authorize(collection.update.requires, context)
    await collection.update.run(key, readBody(writing.body, writing.contentType, set.type), context)
    return replied(collection.update.status, {})
  }
  if (method === 'DELETE' && single && collection.remove) {
    authorize(collection.remove.requires, context)
    await collection.remove.run(key, context)
    return replied(collection.remove.status, {})
  }
  throw notAllowed(target, method)
}

/** The act that a request asks for, if the collection has one. */
function act<Context>(
  { collection: { acts = {} }, set, single, key, property }: Target<Context>,
  { method, ending, walk, body, contentType }: Writing<Context>,
): (() => Promise<Outcome>) | undefined {
  const { authorize, context } = walk
  const { create, update, remove, writeMedia } = acts
  const bodyRow = () => (body.length === 0 ? {} : readBody(body, contentType, set.type))
  const allowed = <Run>({ requires, run }: Operation<Run>): Run => {
    authorize(requires, context)
    return run
  }
  if (property || (ending !== undefined && ending !== '$value')) return undefined
  if (ending === '$value') {
    if (method !== 'PUT' || !single || writeMedia === undefined) return undefined
    return () => allowed(writeMedia)(key, { content: body, contentType: contentType ?? '' }, context)
  }
  if (method === 'POST' && !single && create) return () => allowed(create)(bodyRow(), context)
  if (method === 'PUT' && single && update) return () => allowed(update)(key, bodyRow(), context)
  if (method === 'DELETE' && single && remove) return () => allowed(remove)(key, context)
  return undefined
}

async function outcome<Context>(
  { status, shown }: Outcome,
  target: Target<Context>,
  writing: Writing<Context>,
): Promise<ODataResponse> {
  if (shown === undefined) return replied(status, {})
  const { walk, root } = writing
  const set = walk.sets.get(shown.set)
  if (set === undefined) throw new Error(`there is no set '${shown.set}'`)
  if ('row' in shown) {
    const [contentType, body] = writtenEntity(await show(set, shown.row, plain, root, walk), writing)
    return { status, headers: { 'content-type': contentType }, body }
  }
  const entries = await Promise.all(shown.rows.map((row) => show(set, row, plain, root, walk)))
  const [contentType, body] = writtenList(
    { set, uri: root + target.path, entries, count: undefined, next: undefined },
    writing,
  )
  return { status, headers: { 'content-type': contentType }, body }
}

function notAllowed<Context>({ collection, single, path }: Target<Context>, method: string) {
  const possible = single
    ? {
        GET: true,
        PUT: collection.update ?? collection.acts?.update,
        DELETE: collection.remove ?? collection.acts?.remove,
      }
    : {
        GET: collection.list ?? collection.query,
        POST: collection.create ?? collection.upload ?? collection.acts?.create,
      }
  const allowed = Object.entries(possible).flatMap(([name, operation]) => (operation ? [name] : []))
  return method === 'PATCH'
    ? faults.patchUnsupported({ resource: path })
    : faults.methodNotAllowed({ method, resource: path, allowed: allowed.join(', ') || 'nothing' })
}

const replied = (status: number, { text, document }: Reply): ODataResponse =>
  document === undefined
    ? { status, headers: text === undefined ? {} : { 'content-type': contentTypes.text }, body: text ?? '' }
    : { status, ...writtenMedia(document) }

/**
 * Calls a function import. Parameters are quoted literals in the query; those of no meaning to it are refused.
 * @throws odata.methodNotAllowed, odata.parameterInvalid, and what the function throws
 */
export async function callFunction<Context>(
  called: FunctionImport<Context>,
  { method, options, walk, body, contentType = '' }: Writing<Context>,
): Promise<ODataResponse> {
  if (method !== called.method) throw faults.methodNotAllowed({ method, resource: called.name, allowed: called.method })
  walk.authorize(called.requires, walk.context)
  const parameters: Record<string, string> = {}
  const problems: string[] = []
  for (const declared of called.parameters) {
    const name = declared.replace(/\?$/, '')
    const given = options.get(name)
    const value =
      given === undefined
        ? undefined
        : (/^'((?:[^']|'')*)'$/.exec(given)?.[1] ?? (given.includes("'") ? undefined : given))
    if (value !== undefined) parameters[name] = value.replaceAll("''", "'")
    else if (given !== undefined) problems.push(`${name} is not a quoted literal`)
    else if (name === declared) problems.push(`${name} is missing`)
  }
  const known = new Set(called.parameters.map((declared) => declared.replace(/\?$/, '')))
  for (const name of options.keys())
    if (!known.has(name) && !name.startsWith('$')) problems.push(`${name} is not a parameter`)
  if (problems.length > 0) throw faults.parameterInvalid({ name: called.name, problems })
  return replied(called.status, await called.run(parameters, walk.context, { content: body, contentType }))
}
