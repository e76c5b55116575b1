import { faults } from './faults.ts'

/** PostgreSQL cannot store NUL in a text; SQLite refuses it too, so that both behave alike. @throws database.textInvalid */
export function refuseNul(parameters: readonly unknown[]): void {
  for (const value of parameters) {
    if (typeof value === 'string' && value.includes('\0')) throw faults.textInvalid()
  }
}

/** For records that must never be refused: NUL becomes U+FFFD. */
export const replaceNul = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text)
