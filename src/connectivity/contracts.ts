import type { KeyObject, X509Certificate } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { FieldSet, Values } from '../fields/index.ts'

/** What a test is lent; it opens no store itself. */
export interface ConnectivityContext {
  readonly clock: Clock
  /** Ends the test at once. */
  readonly signal: AbortSignal
  /** The longest that a whole test may take, in milliseconds; 60,000 when absent. */
  readonly totalMillis?: number
  /** All addresses of a host name. A test resolves a name once and connects to what it got and to nothing else. */
  readonly resolve: (host: string) => Promise<readonly string[]>
  /** Undefined: may be reached. Else the reason why not, in words that follow `because`. */
  readonly mayReach: (address: string, port: number) => string | undefined
  /** The chain in PEM, leaf first, and the private key; undefined where there is no such alias. */
  readonly keyPair: (alias: string) => Promise<{ readonly chain: string; readonly key: KeyObject } | undefined>
  readonly userCredential: (alias: string) => Promise<{ readonly user: string; readonly password: string } | undefined>
  /** The tenant's own anchors for servers; the public roots count besides. */
  readonly trusted: () => Promise<readonly X509Certificate[]>
  /** The deployed `known.hosts`: lines in the form of OpenSSH (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
  readonly knownHosts: () => Promise<string>
}

export type StepName =
  | 'resolve'
  | 'connect'
  | 'greeting'
  | 'tls'
  | 'handshake'
  | 'authenticate'
  | 'request'
  | 'read'
  | 'check addresses'
  | 'check directory'
  | 'check mailbox'

export interface TestStep {
  readonly name: StepName
  readonly ok: boolean
  readonly detail: string
  readonly millis: number
}

export interface ShownCertificate {
  readonly subject: string
  readonly issuer: string
  /** Hex, lower case. */
  readonly serialNumber: string
  /** ISO 8601. */
  readonly validFrom: string
  readonly validTo: string
  /** Of the DER, in hex. */
  readonly sha256: string
  readonly pem: string
}

export type Fact = string | number | readonly string[]

export interface TestResult {
  readonly ok: boolean
  readonly summary: string
  readonly steps: readonly TestStep[]
  /** As the server sent them, leaf first; also where they were not trusted. */
  readonly certificates: readonly ShownCertificate[]
  readonly facts: Readonly<Record<string, Fact>>
  readonly problem?: { readonly code: string; readonly reason: string; readonly remedy: string }
}

/** One kind of connectivity test. Form, documentation, API and command line are made of `fields`. */
export interface ConnectivityTest {
  readonly kind: string
  readonly label: string
  readonly help: string
  readonly fields: FieldSet
  /** Where the test goes, for the audit log. */
  readonly target: (values: Values<FieldSet>) => Target
  /** Never throws for what the server does: every failure is a result with its problem. */
  readonly run: (values: Values<FieldSet>, context: ConnectivityContext) => Promise<TestResult>
}

export interface Target {
  readonly host: string
  readonly port: number
}

/** One line of the audit log per test, also of one that was refused before it began. */
export interface TestAudit {
  readonly who: string
  readonly kind: string
  readonly host: string
  readonly port: number
  /** `ok`, or the code of the problem. */
  readonly outcome: string
}
