import type { LintCode } from './rules.ts'
import { lineAt, type ScriptCode } from './script-code.ts'

export interface Found {
  readonly code: LintCode
  readonly line: number
}

interface Pattern {
  readonly code: LintCode
  /** Looked for where texts are blank, unless it is about texts. */
  readonly pattern: RegExp
  readonly inTexts?: true
  readonly language?: ScriptCode['language']
}

const patterns: readonly Pattern[] = [
  {
    code: 'print',
    pattern: /(?<![\w.])(?:println|printf?)\b(?!\s*[=:])|\bSystem\s*\.\s*(?:out|err)\b|\bconsole\s*\.\s*\w+\s*\(/g,
  },
  {
    code: 'tls-checks-off',
    pattern:
      /\b(?:checkServerTrusted|checkClientTrusted)\b[^{;\n]*\{\s*\}|\bverify\s*[:(][^{;]*\{\s*(?:[^{}]*->)?\s*(?:return\s+)?true\s*;?\s*\}|\b(?:ALLOW_ALL_HOSTNAME_VERIFIER|NoopHostnameVerifier|TrustAllStrategy|TrustSelfSignedStrategy|AllowAllHostnameVerifier|InsecureTrustManagerFactory)\b|\bsetDefaultHostnameVerifier\b|\[\s*verify\s*:\s*\{|\bas\s+HostnameVerifier\b|\bgetAcceptedIssuers\b[^{;\n]*\{\s*(?:return\s+)?(?:null|new\s+\w+\[0\]|\[\])?[^{}]*\}/g,
  },
  {
    code: 'dynamic-code',
    pattern:
      /\bEval\s*\.\s*(?:me|x|xy|xyz)\b|\bGroovyShell\b|\bGroovyScriptEngine\b|\bScriptEngineManager\b|\bnew\s+Function\s*\(|(?<![\w.])(?:eval|evaluate)\s*\(/g,
  },
  {
    code: 'process-start',
    pattern:
      /["')\]]\s*\.\s*execute\s*\(\s*\)|\bRuntime\s*\.\s*(?:getRuntime\s*\(\s*\)|runtime)|\bProcessBuilder\b|\bSystem\s*\.\s*exit\b|\bRuntime\s*\.\s*halt\b/g,
  },
  {
    code: 'class-loading',
    pattern: /@Grab\w*|\bClass\s*\.\s*forName\s*\((?!\s*"\s*"\s*\))|\b\w*ClassLoader\b|\bsetAccessible\s*\(/g,
  },
  {
    code: 'files-or-network',
    language: 'groovy',
    pattern:
      /\bnew\s+(?:File|FileInputStream|FileOutputStream|FileReader|FileWriter|RandomAccessFile|Socket|ServerSocket)\s*\(|\bFiles\s*\.\s*\w+\s*\(|\bHttpClients?\s*\.\s*\w+\s*\(/g,
  },
  {
    code: 'files-or-network',
    language: 'javascript',
    pattern: /(?<![\w.])(?:fetch|require)\s*\(|\bXMLHttpRequest\b|\bfrom\s+"\s*"(?<=node:[^"]*")/g,
  },
  {
    code: 'hard-coded-password',
    inTexts: true,
    pattern:
      /\b\w*(?:password|passwd|pwd|secret|api_?key|apikey|access_?token|private_?key)\w*["']?\s*[=:]\s*(?:'[^'\s${}]{4,}'|"[^"\s${}]{4,}")|["'](?:Basic|Bearer)\s+[A-Za-z0-9+/._=-]{16,}["']|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/gi,
  },
  { code: 'credential-in-url', inTexts: true, pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"${}]+:[^\s/@'"${}]+@/gi },
]

/** Words that stand where a password would, and name none. */
const noPassword =
  /[=:]\s*["'](?:[\w.-]*(?:password|passwd|alias|credential|header|property|param|token|secret|key|field|name)[\w.-]*|\W+|null|none|true|false)["']$/i

/** What can be told by looking at places alone. */
export function findPatterns(script: ScriptCode): readonly Found[] {
  return patterns.flatMap(({ code, pattern, inTexts, language }) => {
    if (language !== undefined && language !== script.language) return []
    return [...(inTexts ? script.code : script.bare).matchAll(pattern)]
      .filter(([found]) => code !== 'hard-coded-password' || !noPassword.test(found))
      .map(({ index }) => ({ code, line: lineAt(script.source, index) }))
  })
}
