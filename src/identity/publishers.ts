import { wordsOf } from '../base/index.ts'
import { readCertificates } from '../keystore/index.ts'

/** What is wrong with a text of certificates. */
export function publisherProblems(text: string): readonly string[] {
  try {
    readCertificates(text)
    return []
  } catch (error) {
    return [`publishers has what is no certificate in PEM: ${wordsOf(error)}`]
  }
}

/** The certificates of texts that may hold several, each by itself, in PEM, and once. */
export const readPublishers = (texts: readonly string[]): readonly string[] => [
  ...new Set(texts.flatMap((text) => readCertificates(text).map(String))),
]
