import net, { type AddressInfo } from 'node:net'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** User name and password of AUTH PLAIN, where there was one. */
  readonly logon: string | undefined
  /** Headers and content as they came, without the closing dot. */
  readonly data: string
}

/** A mail server that keeps what it gets, without TLS. `refuse` answers a command with another code. */
export async function smtpSink(
  refuse: (command: string) => string | undefined = () => undefined,
): Promise<AsyncDisposable & { readonly port: number; readonly mails: ReceivedMail[] }> {
  const mails: ReceivedMail[] = []
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    let mail = { from: '', to: [] as string[], logon: undefined as string | undefined }
    let pending = ''
    let data: string[] | undefined
    const command = (line: string): string => {
      const refusal = refuse(line)
      if (refusal !== undefined) return refusal
      if (/^EHLO/i.test(line)) return '250-sink\r\n250 AUTH PLAIN'
      if (/^AUTH PLAIN /i.test(line)) mail.logon = Buffer.from(line.slice(11), 'base64').toString()
      if (/^AUTH/i.test(line)) return '235 ok'
      if (/^STARTTLS/i.test(line)) return '502 no TLS here'
      if (/^MAIL FROM/i.test(line)) mail.from = /<(.*?)>/.exec(line)?.[1] ?? ''
      if (/^RCPT TO/i.test(line)) mail.to.push(/<(.*?)>/.exec(line)?.[1] ?? '')
      if (/^QUIT/i.test(line)) return '221 bye'
      if (!/^DATA/i.test(line)) return '250 ok'
      data = []
      return '354 go on'
    }
    socket.write('220 sink\r\n')
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const lines = (pending + chunk.toString()).split('\r\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        if (data === undefined) socket.write(`${command(line)}\r\n`)
        else if (line === '.') {
          mails.push({ ...mail, data: data.join('\r\n') })
          mail = { from: '', to: [], logon: undefined }
          data = undefined
          socket.write('250 kept\r\n')
        } else data.push(line)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
