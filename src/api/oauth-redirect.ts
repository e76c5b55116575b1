import { Fault } from '../base/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { ApiResponse } from './services.ts'

/** Where providers send the browser back to, below the control address: the path of the original. */
export const oauthRedirectPath = '/itspaces/odata/api/v1/OAuthTokenFromCode'

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // The address holds the code: it goes nowhere else, and nothing on the page runs.
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
}

/**
 * Answers the browser that comes back from a provider. It needs no logon: the state in the address was drawn for one
 * person and one authorization, cannot be guessed and counts once. Never rejects.
 */
export function createOAuthRedirect({
  authorizationCodes,
}: Pick<Secrets, 'authorizationCodes'>): (query: string) => Promise<ApiResponse> {
  return async (query) => {
    const parameters = new URLSearchParams(query)
    const [code, error] = [parameters.get('code'), parameters.get('error')]
    try {
      const name = await authorizationCodes.finishAuthorization({
        state: parameters.get('state') ?? '',
        ...(code !== null && { code }),
        ...(error !== null && { error }),
      })
      return page(200, 'Authorized', `${name} is authorized and deployed. You can close this window.`)
    } catch (thrown) {
      if (!(thrown instanceof Fault)) return page(500, 'Not authorized', 'Something went wrong in Sluice itself.')
      return page(thrown.kind === 'denied' ? 403 : 502, 'Not authorized', `${thrown.message} ${thrown.remedy}`)
    }
  }
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

const page = (status: number, title: string, words: string): ApiResponse => ({
  status,
  headers,
  body: `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head><body><h1>${escaped(title)}</h1><p>${escaped(words)}</p></body></html>\n`,
})
