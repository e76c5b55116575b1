import type { CodeNarcCode } from './codenarc/rules.ts'

/** `error`: must not stay; `warning`: look at it; `info`: tidy. */
export type Severity = 'error' | 'warning' | 'info'

interface Rule {
  readonly severity: Severity
  readonly message: string
  readonly advice: string
}

/** The rules by their codes, which never change. */
export const lintRules = {
  'secret-in-log': {
    severity: 'error',
    message: 'A secret value is written into the log or printed.',
    advice: 'Log the alias of the credential, never what it holds.',
  },
  'secret-in-attachment': {
    severity: 'error',
    message: 'A secret value is put into an attachment of the message log.',
    advice: 'Leave the secret out of what is attached.',
  },
  'secret-in-body': {
    severity: 'error',
    message: 'A secret value is put into the body.',
    advice:
      'Let the receiver channel authenticate with the credential; what has to be in a body is for one receiver only.',
  },
  'secret-in-header': {
    severity: 'warning',
    message: 'A secret value is put into a header, which goes to receivers and called flows.',
    advice: 'Name the credential in the receiver channel; it is sent unseen there.',
  },
  'secret-in-property': {
    severity: 'warning',
    message: 'A secret value is put into an exchange property, which all later steps and traces see.',
    advice: 'Read the secret where it is used, in the same script.',
  },
  'tls-checks-off': {
    severity: 'error',
    message: 'The check of server certificates or host names is switched off.',
    advice: 'Put the CA of the server into the keystore and call it through a receiver channel.',
  },
  'hard-coded-password': {
    severity: 'error',
    message: 'A password or key stands in the script.',
    advice: 'Keep it as a secure parameter or user credential, and read it by its alias.',
  },
  'credential-in-url': {
    severity: 'error',
    message: 'A URL holds a user name and a password.',
    advice: 'Keep them as a user credential and name it in the receiver channel.',
  },
  'dynamic-code': {
    severity: 'error',
    message: 'Text is run as code.',
    advice: 'Write the code into a script; what comes with a message must never become code.',
  },
  'process-start': {
    severity: 'error',
    message: 'A program is started.',
    advice: 'Scripts cannot start programs here; use an adapter or a step.',
  },
  'class-loading': {
    severity: 'error',
    message: 'Classes are loaded, or fetched, while the script runs.',
    advice: 'Put libraries into the bundle and import their classes.',
  },
  'files-or-network': {
    severity: 'warning',
    message: 'A file or a socket is opened.',
    advice: 'Scripts have neither here; call over HTTP by URL and openConnection, or use a receiver channel.',
  },
  'unsupported-class': {
    severity: 'warning',
    message: 'A class is imported that scripts do not have here.',
    advice: 'Use the script API or a library in the bundle.',
  },
  'too-long': {
    severity: 'warning',
    message: 'The script has more than a million characters and was not looked through.',
    advice: 'Split it; put data into a resource of the bundle.',
  },
  'not-reviewed': {
    severity: 'warning',
    message: 'CodeNarc could not look at the script.',
    advice: 'Correct what it cannot read; it knows the grammar of Groovy 4.',
  },
  print: {
    severity: 'info',
    message: 'The script prints.',
    advice: 'Use the message log, where the message can be found.',
  },
  'unused-import': {
    severity: 'info',
    message: 'An import is not used.',
    advice: 'Take the line out.',
  },
} as const satisfies Readonly<Record<string, Rule>>

export type LintCode = keyof typeof lintRules

/** A rule of ours or of CodeNarc. */
export type FindingCode = LintCode | CodeNarcCode
