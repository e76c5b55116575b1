/** Starts the control process. */
import { runControl } from './run-control.ts'

await runControl()
