// Ops "txn_..." (go/transactions.go) of kafkajs; its producers ask for their id when they connect.
import kafkajs from 'kafkajs'

const { Kafka, logLevel } = kafkajs
const READ_TIMEOUT_MS = 60_000

export function transactions (bootstrap) {
  const kafka = new Kafka({ clientId: 'interop', brokers: [bootstrap], logLevel: logLevel.NOTHING })
  const producers = []

  async function init (asked) {
    const producer = kafka.producer({
      transactionalId: asked.transactional_id,
      transactionTimeout: asked.timeout_ms,
      idempotent: true,
      maxInFlightRequests: 1
    })
    await producer.connect()
    producers.push({ producer, transaction: null })
    return { producer: producers.length - 1 }
  }

  async function readCommitted ({ topic, partition, count }) {
    const consumer = kafka.consumer({ groupId: `reader-${topic}-${Date.now()}`, readUncommitted: false })
    const values = []
    let last = Date.now()
    await consumer.connect()
    try {
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        eachMessage: async ({ partition: of, message }) => {
          if (of === partition) {
            values.push(message.value.toString())
            last = Date.now()
          }
        }
      })
      const began = Date.now()
      while (values.length < count || Date.now() - last < 1000) {
        if (Date.now() - began > READ_TIMEOUT_MS) throw new Error(`only ${values.length} records`)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      return { values }
    } finally {
      await consumer.disconnect()
    }
  }

  return async function run (asked) {
    if (asked.op === 'txn_init') return init(asked)
    if (asked.op === 'txn_read_committed') return readCommitted(asked)
    const state = producers[asked.producer]
    switch (asked.op) {
      case 'txn_begin':
        state.transaction = await state.producer.transaction()
        break
      case 'txn_produce':
        for (const value of asked.values) {
          await state.transaction.send({ topic: asked.topic, messages: [{ value, partition: asked.partition }] })
        }
        break
      case 'txn_send_offsets':
        await state.transaction.sendOffsets({
          consumerGroupId: asked.group,
          topics: asked.offsets.map(({ topic, partition, offset }) => ({
            topic,
            partitions: [{ partition, offset: String(offset) }]
          }))
        })
        break
      case 'txn_commit':
        await state.transaction.commit()
        break
      case 'txn_abort':
        await state.transaction.abort()
        break
      case 'txn_close':
        await state.producer.disconnect()
        break
      default:
        throw new Error(`unknown op ${asked.op}`)
    }
    return {}
  }
}
