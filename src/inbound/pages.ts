import type { IncomingMessage, ServerResponse } from 'node:http'

import { type Log, wordsOf } from '../base/index.ts'
import { sendText } from './answer.ts'

/** A page that needs no identity; `query` is raw, without `?`. */
export type OpenPage = (
  query: string,
) =>
  | { readonly status: number; readonly type: string; readonly body: string | Buffer }
  | Promise<{ readonly status: number; readonly type: string; readonly body: string | Buffer }>

/** The page that a request asks for; only GET and HEAD do. */
export function openPageOf(
  pages: Readonly<Record<string, OpenPage>>,
  { method, url = '' }: IncomingMessage,
): OpenPage | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const path = url.split('?', 1)[0] ?? ''
  return Object.hasOwn(pages, path) ? pages[path] : undefined
}

/** Makes the page and sends it. What goes wrong is in the log. */
export function sendPage(page: OpenPage, request: IncomingMessage, response: ServerResponse, log: Log): void {
  const { method = 'GET', url } = request
  request.resume()
  // Pages run nothing and load nothing; an address that holds a code goes nowhere else.
  const headers = [
    ['Cache-Control', 'no-store'],
    ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"],
    ['Referrer-Policy', 'no-referrer'],
    ['X-Content-Type-Options', 'nosniff'],
  ] as const
  Promise.try(() => page(url?.split('?', 2)[1] ?? '')).then(
    ({ status, type, body }) => sendText(response, { method, status, type, text: body, headers }),
    (error: unknown) => {
      log.error('a page failed', { page: url, why: wordsOf(error) })
      sendText(response, { method, status: 500, type: 'text/plain', text: 'The page could not be made.\n', headers })
    },
  )
}
