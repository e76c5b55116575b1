import { wordsOf } from '../base/index.ts'
import type { Principal } from '../flow/index.ts'
import type { Plan } from '../identity/index.ts'
import { readCertificates } from '../keystore/index.ts'
import type { Authenticator } from './authenticate.ts'
import { type Call, newCall } from './call.ts'
import type { Checks } from './checks.ts'
import { newConnection, type Presented, presentedOf } from './connection.ts'
import { faults } from './faults.ts'

/** A call that somebody thinks of making. */
export interface ExplainQuestion {
  /** The path; may have a query. */
  readonly endpoint: string
  readonly method: string
  /** PEM, leaf first, maybe with its chain. It counts as if the private key had been proved. */
  readonly certificate?: string
  readonly basic?: { readonly user: string; readonly password: string }
  readonly token?: string
  /** From where; what depends on it stays open when absent. */
  readonly remoteAddress?: string
}

/** Whether the call would be accepted, and what each check says. */
export interface ExplainAnswer {
  readonly accepted: boolean
  readonly reason: string
  readonly remedy: string
  readonly principal: Principal | undefined
  /** Of the flow that serves the address; '' when none does. */
  readonly flowId: string
  readonly checks: readonly {
    readonly stage: string
    readonly outcome: 'passed' | 'refused' | 'open'
    readonly code: string
    readonly reason: string
    readonly remedy: string
  }[]
}

/**
 * Answers whether a call would be accepted, by the same proofs and checks as for real calls. Nothing changes by asking.
 * @throws inbound.questionUnusable
 */
export type Explain = (question: ExplainQuestion) => Promise<ExplainAnswer>

export function createExplainer(given: {
  readonly authenticator: Authenticator
  readonly checks: Checks
  /** Of the addresses that are asked about. */
  readonly plan: Plan
}): Explain {
  const { authenticator, checks, plan } = given
  return async (question) => {
    const call = callOf(question, plan)
    await authenticator.prove(call, true)
    const rows = checks.explain(call)
    const refusal = rows.find((row) => row.refused !== undefined)?.refused
    const open = [...new Set(rows.filter(({ outcome }) => outcome === 'open').map(({ stage }) => stage))]
    return {
      accepted: refusal === undefined,
      reason: refusal?.reason ?? acceptance(open),
      remedy: refusal?.remedy ?? '',
      principal: refusal === undefined ? call.identity?.principal : undefined,
      flowId: call.match?.door.route.flowId ?? '',
      checks: rows.map(({ stage, outcome, refused }) => ({
        stage,
        outcome,
        code: refused?.code ?? '',
        reason: refused?.reason ?? '',
        remedy: refused?.remedy ?? '',
      })),
    }
  }
}

const acceptance = (open: readonly string[]): string =>
  open.length === 0
    ? 'The call would be accepted.'
    : `The call would be accepted, as far as can be told: not checked without more details: ${open.join(', ')}.`

function callOf(question: ExplainQuestion, plan: Plan): Call {
  const { endpoint, method, certificate, basic, token, remoteAddress = '' } = question
  if (!endpoint.startsWith('/')) throw faults.questionUnusable({ why: "the endpoint must begin with '/'" })
  if (basic !== undefined && token !== undefined)
    throw faults.questionUnusable({ why: 'a call has either Basic or a token, not both' })
  const headers =
    basic !== undefined
      ? ['Authorization', `Basic ${Buffer.from(`${basic.user}:${basic.password}`, 'utf8').toString('base64')}`]
      : token === undefined
        ? []
        : ['Authorization', `Bearer ${token}`]
  const presented = certificate === undefined ? undefined : presentedIn(certificate)
  return newCall(newConnection(remoteAddress, presented), plan, method.toUpperCase(), endpoint, headers)
}

function presentedIn(pem: string): Presented {
  try {
    const [leaf, ...sent] = readCertificates(pem)
    if (leaf !== undefined) return presentedOf(leaf, sent)
  } catch (error) {
    throw faults.questionUnusable({ why: `the certificate cannot be read: ${wordsOf(error)}` }, { cause: error })
  }
  throw faults.questionUnusable({ why: 'the certificate is empty' })
}
