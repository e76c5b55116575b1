import type { Row } from './edm.ts'
import type { Media } from './entity-set.ts'
import { faults } from './faults.ts'
import { type AtomFrame, atomEntry, atomFeed, primitiveText, xmlProperty } from './payload/atom.ts'
import { contentTypes, type Format } from './payload/format.ts'
import { jsonEntity, jsonList, jsonProperty } from './payload/json.ts'
import type { Shown, ShownList } from './payload/shown.ts'
import { selectRows } from './query/evaluate.ts'
import { type Query, readQuery } from './query/query-options.ts'
import { findEntity, type Target, type Walk } from './resolve.ts'
import { show } from './show.ts'

export interface ODataResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** What reading needs besides the target. */
export interface Reading<Context> extends AtomFrame {
  readonly walk: Walk<Context>
  readonly format: Format
  readonly options: ReadonlyMap<string, string>
  readonly ending: '$value' | '$count' | undefined
}

/** Answers GET on a target. @throws odata faults, and what the sets throw */
export function read<Context>(target: Target<Context>, reading: Reading<Context>): Promise<ODataResponse> {
  if (reading.ending === '$count') return count(target, reading)
  if (target.property) return property(target, target.property, reading)
  if (reading.ending === '$value') return media(target, reading)
  return target.single ? one(target, reading) : list(target, reading)
}

const ok = (contentType: string, body: string | Buffer): ODataResponse => ({
  status: 200,
  headers: { 'content-type': contentType },
  body,
})

async function one<Context>(target: Target<Context>, reading: Reading<Context>): Promise<ODataResponse> {
  const query = readQuery(reading.options, target.set.type)
  const shown = await show(target.set, await findEntity(target, reading.walk), query, reading.root, reading.walk)
  return ok(...writtenEntity(shown, reading))
}

/** Content type and text of one entity in the form asked for. */
export const writtenEntity = <Context>(
  shown: Shown<Context>,
  reading: AtomFrame & { readonly format: Format },
): [string, string] =>
  reading.format === 'json'
    ? [contentTypes.json, jsonEntity(shown, reading.namespace)]
    : [contentTypes.entry, atomEntry(shown, reading)]

async function list<Context>(target: Target<Context>, reading: Reading<Context>): Promise<ODataResponse> {
  const { walk, root } = reading
  const query = readQuery(reading.options, target.set.type)
  const { rows, total, more } = await page(target, query, walk)
  const entries: Shown<Context>[] = []
  for (const row of rows) entries.push(await show(target.set, row, query, root, walk))
  const uri = root + target.path
  const written = {
    set: target.set,
    uri,
    entries,
    count: query.inlineCount ? total : undefined,
    next: more ? nextLink(uri, reading.options, query.skipToken + rows.length) : undefined,
  }
  return ok(...writtenList(written, reading))
}

/** Content type and text of a list in the form asked for. */
export const writtenList = <Context>(
  list: ShownList<Context>,
  reading: AtomFrame & { readonly format: Format },
): [string, string] =>
  reading.format === 'json'
    ? [contentTypes.json, jsonList(list, reading.namespace)]
    : [contentTypes.feed, atomFeed(list, reading)]

/** One page of a list. `$top` counts over all pages, `$skiptoken` says how many entities were shown before. */
async function page<Context>(
  { collection, path }: Target<Context>,
  query: Query,
  { authorize, context }: Walk<Context>,
): Promise<{ readonly rows: readonly Row[]; readonly total: number; readonly more: boolean }> {
  const skip = query.skip + query.skipToken
  const wanted = Math.max(0, (query.top ?? Infinity) - query.skipToken)
  if (collection.list) {
    authorize(collection.list.requires, context)
    const all = selectRows(await collection.list.run(context, query.filter), query)
    return { rows: all.slice(skip, skip + wanted), total: all.length, more: false }
  }
  const pushDown = collection.query
  if (!pushDown)
    throw faults.methodNotAllowed({
      method: 'GET',
      resource: path,
      allowed: (collection.create ?? collection.acts?.create) ? 'POST' : 'a key',
    })
  authorize(pushDown.requires, context)
  const top = Math.min(wanted, pushDown.pageSize)
  // One more than shown tells whether there is a next page.
  const found = top === 0 ? [] : await pushDown.run({ query, skip, top: wanted > top ? top + 1 : top }, context)
  const total = query.inlineCount ? await pushDown.count(query.filter, context) : 0
  return { rows: found.slice(0, top), total, more: found.length > top }
}

function nextLink(uri: string, options: ReadonlyMap<string, string>, skipToken: number): string {
  const pairs = [...options].filter(([name]) => name !== '$skiptoken').concat([['$skiptoken', String(skipToken)]])
  return `${uri}?${pairs.map(([name, value]) => `${encodeURIComponent(name).replace('%24', '$')}=${encodeURIComponent(value)}`).join('&')}`
}

async function count<Context>({ collection, set, single, path }: Target<Context>, { walk, options }: Reading<Context>) {
  const { authorize, context } = walk
  const { list, query: pushDown } = collection
  if (single) throw faults.segmentUnknown({ segment: '$count' })
  const query = readQuery(options, set.type)
  if (list) {
    authorize(list.requires, context)
    return ok(contentTypes.text, String(selectRows(await list.run(context, query.filter), query).length))
  }
  if (!pushDown) throw faults.methodNotAllowed({ method: 'GET', resource: path, allowed: 'a key' })
  authorize(pushDown.requires, context)
  return ok(contentTypes.text, String(await pushDown.count(query.filter, context)))
}

async function property<Context>(
  target: Target<Context>,
  { name, declared }: NonNullable<Target<Context>['property']>,
  reading: Reading<Context>,
) {
  const value = (await findEntity(target, reading.walk))[name]
  if (reading.ending === undefined) {
    return reading.format === 'json'
      ? ok(contentTypes.json, jsonProperty(name, declared, value, reading.namespace))
      : ok(contentTypes.xml, xmlProperty(name, declared, value, reading.namespace))
  }
  if ('complex' in declared) throw faults.segmentUnknown({ segment: '$value' })
  if (value === null || value === undefined) throw faults.valueMissing({ set: target.set.name })
  return ok(contentTypes.text, primitiveText(declared.type, value as string))
}

async function media<Context>(
  { collection, key, single, set }: Target<Context>,
  { walk }: Reading<Context>,
): Promise<ODataResponse> {
  if (!single || !collection.media) throw faults.segmentUnknown({ segment: '$value' })
  walk.authorize(collection.media.requires, walk.context)
  const found = await collection.media.run(key, walk.context)
  if (!found) throw faults.valueMissing({ set: set.name })
  if (found.content.length === 0) return { status: 204, headers: {}, body: '' }
  return { status: 200, ...writtenMedia(found) }
}

/** Headers and body of a document. */
export const writtenMedia = ({ content, contentType, fileName }: Media) => ({
  headers: {
    'content-type': contentType,
    // What tenants store is never to run as a page of this origin.
    'content-disposition': fileName === undefined ? 'attachment' : disposition(fileName),
  },
  body: content,
})

/** The name in plain ASCII for every client and, where that loses something, as RFC 5987 has it. */
function disposition(fileName: string): string {
  const plain = fileName.replaceAll(/[^\w. ()-]/g, '_')
  const exact =
    plain === fileName
      ? ''
      : `; filename*=UTF-8''${encodeURIComponent(fileName).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`
  return `attachment; filename="${plain}"${exact}`
}
