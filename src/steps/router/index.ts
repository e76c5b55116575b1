/** Router: sends the message along the first route whose condition is true. */
export { router } from './router.ts'
