import { Admin, Consumer, Producer } from '@platformatic/kafka'
import { Buffer as Arrivals } from './buffer.js'

export function client (bootstrap) {
  const options = { clientId: 'interop', bootstrapBrokers: [bootstrap] }

  async function using (made, act) {
    try {
      return await act(made)
    } finally {
      await made.close()
    }
  }

  return {
    createTopic: (topic, partitions) =>
      using(new Admin(options), admin => admin.createTopics({ topics: [topic], partitions, replicas: 1 })),

    askWhatIsOff: told => using(new Admin(options), async admin => {
      // Codes of ANY; a topic, literally, to be read, allowed.
      const all = { resourceType: 1, resourcePatternType: 1, operation: 1, permissionType: 1 }
      const one = {
        resourceType: 2,
        resourceName: 'orders',
        resourcePatternType: 3,
        principal: 'User:bob',
        host: '*',
        operation: 3,
        permissionType: 3
      }
      return {
        'list acls': await told(admin.describeAcls({ filter: all })),
        'create acls': await told(admin.createAcls({ creations: [one] })),
        'delete acls': await told(admin.deleteAcls({ filters: [all] })),
        quotas: await told(admin.describeClientQuotas({ components: [], strict: false }))
      }
    }),

    async produce (topic, compression, records) {
      const messages = records.map(({ key, value, partition, headers }) => ({
        topic,
        partition,
        key: key ?? undefined,
        value: value ?? undefined,
        headers: new Map(headers.map(([name, data]) => [Buffer.from(name), data]))
      }))
      const producer = new Producer({ ...options, idempotent: true })
      const { offsets } = await using(producer, () => producer.send({ messages, compression, acks: -1 }))
      // One batch for each partition, of which the answer tells the first offset.
      const next = new Map(offsets.map(answer => [answer.partition, Number(answer.offset)]))
      return records.map(({ partition }) => {
        const offset = next.get(partition)
        next.set(partition, offset + 1)
        return offset
      })
    },

    async committed (groups, topic) {
      const found = await using(new Admin(options), admin => admin.listConsumerGroupOffsets({ groups: [groups] }))
      const partitions = found.flatMap(group => group.topics).filter(each => each.name === topic).flatMap(each => each.partitions)
      return Object.fromEntries(partitions.map(at => [at.partitionIndex, Number(at.committedOffset)]))
    },

    async join (groupId, topic, groupInstanceId) {
      const consumer = new Consumer({
        ...options,
        groupId,
        ...(groupInstanceId ? { groupInstanceId } : {}),
        autocommit: false,
        sessionTimeout: 30000,
        rebalanceTimeout: 60000,
        heartbeatInterval: 300,
        maxWaitTime: 200
      })
      const buffer = new Arrivals()
      const assigned = () => (consumer.assignments ?? []).filter(each => each.topic === topic).flatMap(each => each.partitions)
      consumer.on('consumer:group:join', () => buffer.clear())
      consumer.on('consumer:group:rebalance', () => buffer.clear())
      const committed = { mode: 'committed', fallbackMode: 'earliest' }
      let failed = null
      let stream = null
      const consume = async start => {
        stream = await consumer.consume({ topics: [topic], ...start })
        stream.on('error', error => (failed ??= error))
        stream.on('data', message => {
          // The stream still gives what it fetched before a rebalance took the partition away.
          if (!assigned().includes(message.partition)) return
          buffer.push({
            partition: message.partition,
            offset: message.offset,
            key: message.key,
            value: message.value,
            headers: [...message.headers].map(([name, value]) => [name.toString(), value])
          })
        })
      }
      // Returns when the group has been joined, for which others must be polled.
      const joining = consume(committed)
      joining.catch(error => (failed ??= error))
      return {
        buffer,
        assigned () {
          if (failed === null) return assigned()
          const error = failed
          failed = null
          // An error ends the stream, not the member.
          if (stream?.destroyed) {
            buffer.clear()
            consume(committed).catch(again => (failed ??= again))
          }
          throw error
        },
        async commit (positions) {
          await joining
          const offsets = Object.entries(positions).map(([number, offset]) => ({
            topic, partition: Number(number), offset: BigInt(offset), leaderEpoch: -1
          }))
          if (offsets.length > 0) await consumer.commit({ offsets })
        },
        // A stream keeps to its offsets: another one of the same member takes its place.
        async seek (partition, offset) {
          await joining
          await stream.close()
          const positions = { ...buffer.positions(), [partition]: offset }
          buffer.clear()
          const offsets = assigned().map(number => ({ topic, partition: number, offset: BigInt(positions[number] ?? 0) }))
          await consume({ mode: 'manual', offsets })
        },
        pause: () => stream.pause(),
        resume: () => stream.resume(),
        async leave () {
          await joining
          await stream.close()
          await consumer.close(true)
        }
      }
    }
  }
}
