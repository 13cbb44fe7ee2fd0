// JavaScript clients, driven line by line as the Go ones (go/main.go has the ops). Bytes are base64.
import { createInterface } from 'node:readline'

const [library, bootstrap] = process.argv.slice(2)
const { client } = await import(`./${library}.js`)
const driven = client(bootstrap)
const members = new Map()
let inTransactions = null

// An error outside of any op would otherwise end the process without an answer to the op in flight.
let stray = null
const note = error => (stray ??= error)
process.on('unhandledRejection', note)
process.on('uncaughtException', note)

const bytes = text => (text === null ? null : Buffer.from(text, 'base64'))
const text = data => (data === null || data === undefined ? null : Buffer.from(data).toString('base64'))

const decoded = record => ({
  partition: record.partition,
  key: bytes(record.key),
  value: bytes(record.value),
  headers: record.headers.map(header => [header.name, bytes(header.value)])
})

const encoded = record => ({
  partition: record.partition,
  offset: Number(record.offset),
  key: text(record.key),
  value: text(record.value),
  headers: record.headers.map(([name, value]) => ({ name, value: text(value) }))
})

const words = error => [error.message, ...(error.errors ?? []).map(words)].join(': ')

// What an admin client was told, in words.
async function told (question) {
  try {
    return `${(await question).length} found`
  } catch (error) {
    return words(error)
  }
}

async function run (asked) {
  const { op, topic, group } = asked
  if (op.startsWith('txn_')) {
    inTransactions ??= (await import(`./${library}_transactions.js`)).transactions(bootstrap)
    return inTransactions(asked)
  }
  if (op.startsWith('security_')) {
    return (await import(`./${library}_security.js`)).security(asked)
  }
  switch (op) {
    case 'create_topic':
      await driven.createTopic(topic, asked.partitions)
      return {}
    case 'produce':
      return { offsets: await driven.produce(topic, asked.codec, asked.records.map(decoded)) }
    case 'committed':
      return { by_partition: await driven.committed(group, topic) }
    case 'ask_what_is_off':
      return { told: await driven.askWhatIsOff(told) }
    case 'join':
      members.set(asked.member, await driven.join(group, topic, asked.instance))
      return {}
  }
  const member = members.get(asked.member)
  switch (op) {
    case 'poll': {
      await member.buffer.arrival()
      // May throw: records that have been taken would be lost with that.
      const assigned = member.assigned()
      return { records: member.buffer.take().map(encoded), assigned }
    }
    case 'commit': {
      const positions = member.buffer.positions()
      try {
        await member.commit(positions)
        return { by_partition: positions }
      } catch (error) {
        return { by_partition: positions, error: String(error) }
      }
    }
    case 'leave':
      members.delete(asked.member)
      await member.leave()
      return {}
    default: // seek, pause, resume
      await member[op](asked.partition, asked.offset)
      return {}
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer
  try {
    answer = await run(JSON.parse(line))
    if (stray !== null) {
      answer.error ??= `outside of any op: ${stray.stack}`
      stray = null
    }
  } catch (error) {
    answer = { error: String(error.stack) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
process.exit()
