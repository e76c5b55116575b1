import type { ServerResponse } from 'node:http'

/** A page of the authorization server: no script, nothing loaded, usable without style. */
export interface Page {
  readonly status: number
  readonly html: string
  /** Where its form may lead to besides this server. */
  readonly formTarget?: string | undefined
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{max-width:26rem;margin:3rem auto;padding:0 1rem}
label{display:block;margin-top:1rem;font-weight:600}
input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.5rem}
button{font:inherit;padding:.5rem 1rem;margin:1.5rem .5rem 0 0}
[role=alert]{border-left:.3rem solid #c00;padding:.25rem .75rem}`

const document = (title: string, body: string): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} – Sluice</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
</body>
</html>
`

/** What is asked for, and by whom. */
export interface Asked {
  readonly client: string
  readonly scopes: readonly string[]
  readonly redirectUri: string
  readonly action: string
  /** Goes back with the form, against forms of other sites. */
  readonly token: string
}

const scopesOf = (scopes: readonly string[]): string =>
  scopes.length === 0
    ? '<p>It asks for everything that you may do.</p>'
    : `<p>It asks for:</p>\n<ul>${scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('')}</ul>`

const targetOf = (redirectUri: string): string | undefined => URL.parse(redirectUri)?.origin

function page(title: string, asked: Asked, fields: string, status = 200): Page {
  const { client, scopes, action, token, redirectUri } = asked
  const body = `<p><strong>${escaped(client)}</strong> wants to act for you.</p>
${scopesOf(scopes)}
<form method="post" action="${escaped(action)}">
<input type="hidden" name="token" value="${escaped(token)}">
${fields}
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny" formnovalidate>Cancel</button>
</form>`
  return { status, html: document(title, body), formTarget: targetOf(redirectUri) }
}

/** Asks for name and password, and for consent in the same step. */
export function logOnPage(asked: Asked, failure?: { readonly words: string; readonly status: number }): Page {
  const alert = failure === undefined ? '' : `<p role="alert" id="alert">${escaped(failure.words)}</p>\n`
  const described = failure === undefined ? '' : ' aria-describedby="alert"'
  const fields = `${alert}<label for="username">User name</label>
<input id="username" name="username" autocomplete="username" required autofocus maxlength="150"${described}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000">`
  return page('Log on', asked, fields, failure?.status)
}

/** Asks somebody who has logged on for consent. */
export const consentPage = (asked: Asked, user: string): Page =>
  page('Allow access', asked, `<p>You are logged on as <strong>${escaped(user)}</strong>.</p>`)

/** Says that it did not work; `reference` is for the administrator. */
export const failurePage = (status: number, words: string, reference: string | undefined): Page => ({
  status,
  html: document(
    'This did not work',
    `<p role="alert">${escaped(words)}</p>${reference === undefined ? '' : `\n<p>Reference for your administrator: <code>${escaped(reference)}</code></p>`}`,
  ),
})

/** The headers of a page. */
export const pageHeaders = ({ formTarget }: Page): Readonly<Record<string, string>> => ({
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  // `form-action` holds for where the answer to a form redirects to, too.
  'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; form-action 'self'${formTarget === undefined || formTarget === 'null' ? '' : ` ${formTarget}`}; frame-ancestors 'none'; base-uri 'none'`,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
})

export function sendPage(response: ServerResponse, page: Page): void {
  response.writeHead(page.status, { ...pageHeaders(page), 'Content-Length': Buffer.byteLength(page.html) })
  response.end(page.html)
}
