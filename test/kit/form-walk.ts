/** Goes through the pages of an authorization server as a browser does, without running anything on them. */
import type { TokenClient } from './token-client.ts'

export interface Walk {
  /** The address at which the walk ended: the first one that begins with `until`. */
  readonly end: URL
  /** Each page that was shown, in order. */
  readonly pages: readonly Page[]
}

export interface Page {
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly html: string
}

const most = 20

const unescape = (text: string): string =>
  text.replaceAll(/&(?:amp|lt|gt|quot|#(\d+)|#x([\da-f]+));/gi, (whole, decimal?: string, hex?: string) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    return { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' }[whole.toLowerCase()] ?? whole
  })

function attributesOf(tag: string): ReadonlyMap<string, string> {
  const found = [...tag.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g)].slice(1)
  return new Map(
    found.map(([, name = '', one, other, bare]) => [name.toLowerCase(), unescape(one ?? other ?? bare ?? '')]),
  )
}

export interface Form {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  /** Names of what a person fills in: the password, and what stands beside it. */
  readonly password: string | undefined
  readonly user: string | undefined
}

/** The first form of a page that is posted; a button with a name that says no is left alone. */
export function formOf(html: string): Form | undefined {
  const [, head = '', inside = ''] = /<form\b([^>]*method=["']?post[^>]*)>([\s\S]*?)<\/form>/i.exec(html) ?? []
  if (head === '') return undefined
  const inputs = [...inside.matchAll(/<(?:input|button)\b[^>]*>/gi)].map(([tag]) => attributesOf(tag))
  const typeOf = (input: ReadonlyMap<string, string>): string => input.get('type') ?? 'text'
  const nameOf = (type: RegExp) => inputs.find((input) => type.test(typeOf(input)) && input.has('name'))?.get('name')
  const denies = (input: ReadonlyMap<string, string>): boolean =>
    typeOf(input) === 'submit' && /deny|cancel|abort|no$/i.test(`${input.get('value')}`)
  const fields = inputs.filter((input) => input.has('name') && !denies(input))
  return {
    action: attributesOf(`form ${head}`).get('action') ?? '',
    fields: Object.fromEntries(fields.map((input) => [input.get('name') ?? '', input.get('value') ?? ''])),
    password: nameOf(/^password$/i),
    user: nameOf(/^(?:text|email)$/i),
  }
}

/** @throws Error with the page on which the walk could not go on */
export async function walkForms(
  client: TokenClient,
  start: string,
  until: string,
  who: { readonly user: string; readonly password: string },
): Promise<Walk> {
  const cookies = new Map<string, string>()
  const pages: Page[] = []
  let url = start
  let body: string | undefined
  for (let count = 0; count < most; count++) {
    if (url.startsWith(until)) return { end: new URL(url), pages }
    const headers = {
      accept: 'text/html',
      ...(cookies.size > 0 && { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
      ...(body !== undefined && {
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(url).origin,
        referer: pages.at(-1)?.url ?? url,
      }),
    }
    const answer = await client.ask(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(body && { body }),
    })
    for (const set of [answer.headers['set-cookie'] ?? []].flat()) keep(cookies, set)
    body = undefined
    const location = answer.headers['location']
    if (answer.status >= 300 && answer.status < 400 && typeof location === 'string') {
      url = new URL(location, url).href
      continue
    }
    pages.push({ url, status: answer.status, headers: answer.headers, html: answer.text })
    const form = formOf(answer.text)
    if (answer.status >= 400 || form === undefined || pages.length > 5)
      throw new Error(`the walk ended at ${url} with ${answer.status}: ${answer.text.slice(0, 2000)}`)
    const filled = {
      ...form.fields,
      ...(form.user !== undefined && { [form.user]: who.user }),
      ...(form.password !== undefined && { [form.password]: who.password }),
    }
    body = new URLSearchParams(filled).toString()
    url = new URL(form.action === '' ? url : form.action, url).href
  }
  throw new Error(`the walk did not end at ${until}, but at ${url}`)
}

function keep(cookies: Map<string, string>, set: string): void {
  const [pair = ''] = set.split(';')
  const at = pair.indexOf('=')
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
  if (value === '' || /expires=Thu, 01 Jan 1970|max-age=0/i.test(set)) cookies.delete(name)
  else cookies.set(name, value)
}
