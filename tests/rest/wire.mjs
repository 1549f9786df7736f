// PostgreSQL's protocol, as little of it as sends a statement with parameters in their binary form: bytes that no driver sends.

import { connect } from 'node:net'
import { join } from 'node:path'

function message(type, ...parts) {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(4)
  head.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), head, body])
}
const int16 = (n) => Buffer.from([(n >> 8) & 255, n & 255])
export function int32(n) {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(n)
  return bytes
}
const name = (text) => Buffer.from(`${text}\0`)

/** The fields of an ErrorResponse by their letter: C is the SQLSTATE, M the message. */
const fields = (body) =>
  Object.fromEntries(
    body
      .toString()
      .split('\0')
      .filter(Boolean)
      .map((field) => [field[0], field.slice(1)]),
  )

/** Connects as a superuser. run(text, parameters) sends a statement; null if it succeeds, or its error's fields. */
export async function openWire(database) {
  const socket = connect(join(process.env.PGHOST, `.s.PGSQL.${process.env.PGPORT}`))
  let rest = Buffer.alloc(0)
  let error = null
  let settle = () => {}
  socket.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= 5 && rest.length >= rest.readInt32BE(1) + 1) {
      const end = rest.readInt32BE(1) + 1
      const type = String.fromCharCode(rest[0])
      if (type === 'E') error ??= fields(rest.subarray(5, end))
      rest = rest.subarray(end)
      if (type === 'Z') settle()
    }
  })
  const ready = () =>
    new Promise((resolve, reject) => {
      settle = () => resolve(error)
      socket.once('error', reject)
      socket.once('close', () => reject(new Error(`the server has closed the connection: ${JSON.stringify(error)}`)))
    }).finally(() => socket.removeAllListeners('close').removeAllListeners('error'))
  const send = (...messages) => {
    error = null
    const answer = ready()
    socket.write(Buffer.concat(messages))
    return answer
  }
  await send(message('', int32(196608), name('user'), name(process.env.PGUSER), name('database'), name(database), name('client_encoding'), name('UTF8'), name('')))

  function run(text, parameters = []) {
    const given = parameters.flatMap((bytes) => [int32(bytes.length), bytes])
    return send(
      message('P', name(''), Buffer.isBuffer(text) ? Buffer.concat([text, Buffer.from([0])]) : name(text), int16(0)),
      message('B', name(''), name(''), int16(1), int16(1), int16(parameters.length), ...given, int16(0)),
      message('E', name(''), int32(0)),
      message('S'),
    )
  }
  return { run, close: () => socket.end() }
}
