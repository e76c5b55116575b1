/** What a browser shows on the control address: where things are. */
export const landingPage = (runtimeUrl: string) => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sluice</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}code{background:#eee;padding:.1em .3em}</style>
<h1>Sluice</h1>
<p>This is the control address of a Sluice installation.</p>
<ul>
<li>Management API: <a href="/api/v1/">/api/v1/</a> (client certificate, or client id and secret, of a service key of plan <code>api</code>)</li>
<li>Health: <a href="/healthz">/healthz</a>; metrics: <a href="/metrics">/metrics</a></li>
<li>Flows are called at <code>${runtimeUrl}/http/…</code></li>
<li>On the command line: <code>npx sluice help</code></li>
</ul>
</html>
`,
})
