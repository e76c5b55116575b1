/** Reads as much of a Postman collection (format 2.1) as its requests need. */
import type { Asked } from '../../test/kit/caller.ts'

export interface PostmanRequest {
  readonly name: string
  readonly request: {
    readonly method: string
    readonly url: { readonly raw: string }
    readonly header?: readonly { readonly key: string; readonly value: string }[]
    readonly body?: {
      readonly mode: string
      readonly raw?: string
      readonly formdata?: readonly { readonly key: string; readonly type: string; readonly value?: string }[]
      readonly options?: { readonly raw?: { readonly language?: string } }
    }
  }
}

interface Folder {
  readonly item: readonly (Folder | PostmanRequest)[]
}

const requestsIn = ({ item }: Folder): readonly PostmanRequest[] =>
  item.flatMap((entry) => ('item' in entry ? requestsIn(entry) : [entry]))

/** All requests of a collection, in its order. */
export const readCollection = (content: Buffer): readonly PostmanRequest[] =>
  requestsIn(JSON.parse(content.toString()) as Folder)

const types: Readonly<Record<string, string>> = {
  xml: 'application/xml',
  json: 'application/json',
  text: 'text/plain',
  html: 'text/html',
}

/** A request as it goes out. Every file of a form is the one given. */
export async function toRequest(
  { request: { method, url, header = [], body } }: PostmanRequest,
  file: { readonly name: string; readonly type: string; readonly content: string },
): Promise<{ readonly path: string; readonly asked: Asked }> {
  const path = url.raw.replace(/^https:\/\/\{\{Host\}\}/, '')
  const given = Object.fromEntries(header.map(({ key, value }) => [key.toLowerCase(), value]))
  if (body?.mode !== 'formdata') {
    const type = types[body?.options?.raw?.language ?? '']
    const headers = { ...(type !== undefined && { 'content-type': type }), ...given }
    return { path, asked: { method, headers, ...(body?.raw !== undefined && { body: body.raw }) } }
  }
  const form = new FormData()
  for (const { key, type, value = '' } of body.formdata ?? []) {
    if (type === 'file') form.append(key, new File([file.content], file.name, { type: file.type }))
    else form.append(key, value)
  }
  const encoded = new Response(form)
  const headers = { ...given, 'content-type': encoded.headers.get('content-type') ?? '' }
  return { path, asked: { method, headers, body: Buffer.from(await encoded.arrayBuffer()) } }
}
