/** One thing that is checked of an assertion, declared once: the reader, the workbench and the documents read it here. */
export interface Check {
  /** Where in the assertion it stands. */
  readonly element: string
  /** What is wanted there, with the section that says so. */
  readonly wants: string
  readonly problem: string
  /** What whoever makes the assertion, or the administrator, can do. */
  readonly remedy: string
}
