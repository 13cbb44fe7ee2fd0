import { lz4Compress, lz4Decompress, snappyCompress, snappyDecompress } from '@platformatic/wasm-utils'
import kafkajs from 'kafkajs'
import { Buffer as Arrivals } from './buffer.js'

const {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  CompressionCodecs,
  CompressionTypes,
  Kafka,
  PartitionAssigners,
  ResourcePatternTypes,
  logLevel
} = kafkajs

// kafkajs brings gzip and takes the others from whoever has them.
CompressionCodecs[CompressionTypes.Snappy] = () => ({
  compress: async encoder => snappyCompress(encoder.buffer),
  decompress: async data => snappyDecompress(data)
})
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => lz4Compress(encoder.buffer),
  decompress: async data => lz4Decompress(data)
})

const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4
}

export function client (bootstrap) {
  const kafka = new Kafka({ clientId: 'interop', brokers: [bootstrap], logLevel: logLevel.NOTHING })

  async function withAdmin (act) {
    const admin = kafka.admin()
    await admin.connect()
    try {
      return await act(admin)
    } finally {
      await admin.disconnect()
    }
  }

  return {
    createTopic: (topic, numPartitions) => withAdmin(admin => admin.createTopics({ topics: [{ topic, numPartitions }] })),

    askWhatIsOff: told => withAdmin(async admin => {
      const all = {
        resourceType: AclResourceTypes.ANY,
        resourcePatternType: ResourcePatternTypes.ANY,
        operation: AclOperationTypes.ANY,
        permissionType: AclPermissionTypes.ANY
      }
      const one = {
        resourceType: AclResourceTypes.TOPIC,
        resourceName: 'orders',
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: 'User:bob',
        host: '*',
        operation: AclOperationTypes.READ,
        permissionType: AclPermissionTypes.ALLOW
      }
      return {
        'list acls': await told(admin.describeAcls(all)),
        'create acls': await told(admin.createAcls({ acl: [one] })),
        'delete acls': await told(admin.deleteAcls({ filters: [all] }))
      }
    }),

    async produce (topic, codec, records) {
      const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      try {
        const messages = records.map(record => ({ ...record, headers: Object.fromEntries(record.headers) }))
        const answers = await producer.send({ topic, acks: -1, compression: CODECS[codec], messages })
        // One batch for each partition, of which the answer tells the first offset.
        const next = new Map(answers.map(answer => [answer.partition, Number(answer.baseOffset)]))
        return records.map(({ partition }) => {
          const offset = next.get(partition)
          next.set(partition, offset + 1)
          return offset
        })
      } finally {
        await producer.disconnect()
      }
    },

    async committed (groupId, topic) {
      const [{ partitions }] = await withAdmin(admin => admin.fetchOffsets({ groupId, topics: [topic] }))
      return Object.fromEntries(partitions.filter(at => at.offset !== '-1').map(at => [at.partition, Number(at.offset)]))
    },

    async join (groupId, topic) {
      const consumer = kafka.consumer({
        groupId,
        partitionAssigners: [PartitionAssigners.roundRobin],
        heartbeatInterval: 300,
        maxWaitTimeInMs: 200
      })
      const buffer = new Arrivals()
      let assigned = []
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        buffer.clear()
        assigned = payload.memberAssignment[topic] ?? []
      })
      consumer.on(consumer.events.REBALANCING, () => {
        buffer.clear()
        assigned = []
      })
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      // Resolves before the group is joined.
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch, isStale }) => {
          if (isStale() || !assigned.includes(batch.partition)) return
          for (const message of batch.messages) {
            buffer.push({
              partition: batch.partition,
              offset: message.offset,
              key: message.key,
              value: message.value,
              headers: Object.entries(message.headers)
            })
          }
        }
      })
      const partition = number => [{ topic, partitions: [number] }]
      return {
        buffer,
        assigned: () => assigned,
        commit: positions =>
          consumer.commitOffsets(
            Object.entries(positions).map(([number, offset]) => ({ topic, partition: Number(number), offset: String(offset) }))
          ),
        seek (number, offset) {
          buffer.drop(number)
          consumer.seek({ topic, partition: number, offset: String(offset) })
        },
        pause: number => consumer.pause(partition(number)),
        resume: number => consumer.resume(partition(number)),
        leave: () => consumer.disconnect()
      }
    }
  }
}
