import type { SendMailOptions } from 'nodemailer'

import type { Values } from '../../fields/index.ts'
import { declareReceiver, type Run, type UserCredential } from '../../flow/index.ts'
import { compileTemplate, textOf } from '../../languages/index.ts'
import { Body, type Exchange } from '../../message/index.ts'
import { readServer, sendMail } from './client.ts'
import { faults } from './faults.ts'
import { fields } from './fields.ts'

type Settings = Values<typeof fields>
type MailAttachment = NonNullable<SendMailOptions['attachments']>[number]

/** Mail receiver (iflow-format 8.12). The message goes on unchanged; its headers are not written into the mail. */
export const mailReceiver = declareReceiver({
  type: 'Mail',
  label: 'Mail',
  summary: 'Sends the message by SMTP.',
  answers: ({ adapter, direction }) => adapter === 'Mail' && direction === 'Receiver',
  fields,
  open(settings) {
    const server = { ...readServer(settings.server), protection: settings.ssl, timeout: settings.timeout }
    const mailOf = compileMail(settings)
    const credentialOf = compileCredential(settings)
    return {
      async send(exchange, run) {
        await sendMail(server, mailOf(exchange, run), await credentialOf(exchange, run), run)
      },
      [Symbol.asyncDispose]: async () => {},
    }
  },
})

function compileCredential({
  auth,
  user,
}: Settings): (exchange: Exchange, run: Run) => Promise<UserCredential | undefined> {
  if (auth === 'none') return async () => undefined
  const template = compileTemplate(user)
  return async (exchange, run) => {
    const alias = template.text(exchange, run).trim()
    if (alias === '') throw faults.credentialMissing()
    return run.services.credentials.userCredential(alias, run)
  }
}

function compileMail(settings: Settings): (exchange: Exchange, run: Run) => SendMailOptions {
  const addresses = {
    from: compileTemplate(settings.from),
    to: compileTemplate(settings.to),
    cc: compileTemplate(settings.cc),
    bcc: compileTemplate(settings.bcc),
  }
  const [subject, body, type] = [settings.subject, settings.body, settings.content_type].map(compileTemplate) as [
    Template,
    Template,
    Template,
  ]
  const attachmentsOf = compileAttachments(settings)
  return (exchange, run) => {
    const listed = (name: keyof typeof addresses) => readAddresses(addresses[name].text(exchange, run), name)
    const [from] = listed('from')
    const [to, cc, bcc] = [listed('to'), listed('cc'), listed('bcc')]
    if (from === undefined) throw faults.addressInvalid({ field: 'from' })
    if (to.length + cc.length + bcc.length === 0) throw faults.addressInvalid({ field: 'to' })
    return {
      from,
      to,
      cc,
      bcc,
      subject: subject.text(exchange, run).replace(/[\r\n]+/g, ' '),
      ...content(body.text(exchange, run), type.text(exchange, run)),
      attachments: attachmentsOf(exchange, run),
    }
  }
}

type Template = ReturnType<typeof compileTemplate>

/** Text and HTML have names of their own in a mail; any other type goes as the only alternative. */
function content(body: string, type: string): SendMailOptions {
  const plain = type.split(';')[0]?.trim().toLowerCase() ?? ''
  if (plain === 'text/html') return { html: body }
  if (plain === 'text/plain' || plain === '') return { text: body }
  return { alternatives: [{ contentType: `${plain}; charset=utf-8`, content: body }] }
}

/** Splits a list of addresses; a list that holds a line break or no @ is refused whole. */
function readAddresses(text: string, field: string): string[] {
  const list = text
    .split(/[;,](?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((address) => address.trim())
    .filter(Boolean)
  if (list.some((address) => /[\r\n\0]/.test(address) || !/^[^@]*[^@\s<]@[^@\s>]+>?$/.test(address))) {
    throw faults.addressInvalid({ field })
  }
  return list
}

function compileAttachments({
  attachments,
  keep_attachments,
}: Settings): (exchange: Exchange, run: Run) => MailAttachment[] {
  const rows = attachments.map((row) => ({
    name: compileTemplate(row['attachment.name']),
    contentType: row['attachment.type'],
    header: row['attachment.source'].toLowerCase() === 'header' ? row['attachment.value'] : undefined,
  }))
  return (exchange, run) => [
    ...rows.map(({ name, contentType, header }) => ({
      filename: name.text(exchange, run),
      contentType,
      content: header === undefined ? exchange.body.bytes() : headerBytes(exchange.headers.get(header)),
    })),
    ...(keep_attachments
      ? [...exchange.attachments.values()].map(({ name, contentType, body }) => ({
          filename: name,
          contentType,
          content: body.bytes(),
        }))
      : []),
  ]
}

const headerBytes = (value: unknown): Buffer =>
  value instanceof Body || Buffer.isBuffer(value) ? Body.of(value).bytes() : Buffer.from(textOf(value), 'utf8')
