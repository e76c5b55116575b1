import type { FunctionImport, Reply } from './entity-set.ts'
import { faults } from './faults.ts'
import { contentTypes } from './payload/format.ts'
import { readBody } from './payload/read-body.ts'
import { type ODataResponse, type Reading, writtenEntity } from './read.ts'
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

function notAllowed<Context>({ collection, single, path }: Target<Context>, method: string) {
  const possible = single
    ? { GET: true, PUT: collection.update, DELETE: collection.remove }
    : { GET: collection.list ?? collection.query, POST: collection.create ?? collection.upload }
  const allowed = Object.entries(possible).flatMap(([name, operation]) => (operation ? [name] : []))
  return method === 'PATCH'
    ? faults.patchUnsupported({ resource: path })
    : faults.methodNotAllowed({ method, resource: path, allowed: allowed.join(', ') || 'nothing' })
}

const replied = (status: number, { text }: Reply): ODataResponse => ({
  status,
  headers: text === undefined ? {} : { 'content-type': contentTypes.text },
  body: text ?? '',
})

/**
 * Calls a function import. Parameters are quoted literals in the query; those of no meaning to it are refused.
 * @throws odata.methodNotAllowed, odata.parameterInvalid, and what the function throws
 */
export async function callFunction<Context>(
  called: FunctionImport<Context>,
  { method, options, walk }: Writing<Context>,
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
  return replied(called.status, await called.run(parameters, walk.context))
}
