/** Steps: one folder per step of a flow. */
import type { Step } from '../flow/index.ts'
import { base64Decode } from './base64-decode/index.ts'
import { base64Encode } from './base64-encode/index.ts'
import { contentModifier } from './content-modifier/index.ts'
import { end } from './end/index.ts'
import { errorEnd } from './error-end/index.ts'
import { escalationEnd } from './escalation-end/index.ts'
import { filter } from './filter/index.ts'
import { gather } from './gather/index.ts'
import { join } from './join/index.ts'
import { jsonToXml } from './json-to-xml/index.ts'
import { messageEnd } from './message-end/index.ts'
import { mimeMultipartDecode } from './mime-multipart-decode/index.ts'
import { mimeMultipartEncode } from './mime-multipart-encode/index.ts'
import { parallelMulticast } from './parallel-multicast/index.ts'
import { processCall } from './process-call/index.ts'
import { requestReply } from './request-reply/index.ts'
import { router } from './router/index.ts'
import { script } from './script/index.ts'
import { send } from './send/index.ts'
import { sequentialMulticast } from './sequential-multicast/index.ts'
import { splitter } from './splitter/index.ts'
import { terminateEnd } from './terminate-end/index.ts'
import { writeVariables } from './write-variables/index.ts'
import { xmlToCsv } from './xml-to-csv/index.ts'
import { xmlToJson } from './xml-to-json/index.ts'
import { zipCompress } from './zip-compress/index.ts'
import { zipDecompress } from './zip-decompress/index.ts'

/** Every step, by folder name. */
export const steps: readonly Step[] = [
  base64Decode,
  base64Encode,
  contentModifier,
  end,
  errorEnd,
  escalationEnd,
  filter,
  gather,
  join,
  jsonToXml,
  messageEnd,
  mimeMultipartDecode,
  mimeMultipartEncode,
  parallelMulticast,
  processCall,
  requestReply,
  router,
  script,
  send,
  sequentialMulticast,
  splitter,
  terminateEnd,
  writeVariables,
  xmlToCsv,
  xmlToJson,
  zipCompress,
  zipDecompress,
]
