import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'

const { Kafka, logLevel } = kafkajs

const file = path => (path === '' ? undefined : readFileSync(path, 'utf8'))

function saslOf (security) {
  const { mechanism, username, password, token } = security
  if (mechanism === '') return undefined
  if (mechanism === 'OAUTHBEARER') return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: token }) }
  return { mechanism: mechanism.toLowerCase(), username, password }
}

function kafkaOf (bootstrap, security) {
  const ssl = { ca: file(security.authority), cert: file(security.certificate), key: file(security.key) }
  return new Kafka({
    clientId: 'security',
    brokers: [bootstrap],
    ssl: security.authority === '' ? undefined : ssl,
    sasl: saslOf(security),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 200, retries: 2 }
  })
}

// Reads partition 0 of the topic; `onValue` is told offset and value. Resolves to what ends it.
async function reading (kafka, topic, onValue) {
  const consumer = kafka.consumer({ groupId: `group-${topic}-${process.hrtime.bigint()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => onValue(message.offset, String(message.value)) })
  return () => consumer.disconnect()
}

async function within (ms, done) {
  for (const end = Date.now() + ms; !done();) {
    if (Date.now() > end) throw new Error('no record came')
    await sleep(10)
  }
}

async function attempt (kafka, topic, value) {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const [{ baseOffset }] = await producer.send({ topic, acks: -1, messages: [{ value, partition: 0 }] })
  await producer.disconnect()
  let read
  const end = await reading(kafka, topic, (offset, text) => {
    if (offset === baseOffset) read = text
  })
  try {
    await within(20000, () => read !== undefined)
  } finally {
    await end()
  }
  return { value: read }
}

async function stream (kafka, topic, durationMs) {
  const read = []
  const end = await reading(kafka, topic, (offset, text) => read.push(Number(text)))
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  let sent = 0
  for (const stop = Date.now() + durationMs; Date.now() < stop; sent++) {
    await producer.send({ topic, acks: -1, messages: [{ value: String(sent), partition: 0 }] })
    await sleep(5)
  }
  await producer.disconnect()
  try {
    await within(20000, () => read.length >= sent)
  } finally {
    await end()
  }
  return { sent, read }
}

// Answers the ops of interop_tests/security: each makes clients of its own.
export function security ({ op, bootstrap, security, topic, value, duration_ms: durationMs }) {
  const kafka = kafkaOf(bootstrap, security)
  return op === 'security_attempt' ? attempt(kafka, topic, value) : stream(kafka, topic, durationMs)
}
