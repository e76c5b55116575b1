/** What is wrong with an id of a package or artifact; undefined when it is fine. Ids become file names and addresses. */
export const idProblem = (id: string): string | undefined =>
  /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,149}$/.test(id)
    ? undefined
    : 'the id must be 1 to 150 letters, digits, dots, hyphens and underscores'

/** What is wrong with the name of a file in a bundle; undefined when it is fine. */
export const fileNameProblem = (name: string): string | undefined =>
  name !== '' && name.length <= 255 && !/[/\\:*?"<>|\u0000-\u001f\u007f]/.test(name) && !name.startsWith('.')
    ? undefined
    : 'the name must be a file name of 1 to 255 characters without folders'
