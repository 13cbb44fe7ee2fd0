// Tests of an application with kafkajs, against `kafka-compat serve --control 0 --clock manual`: faults, waits and the clock. In a
// project each of them is a test of node:test, Jest or the like, and `reset` stands in beforeEach.
import assert from 'node:assert/strict'
import kafkajs from 'kafkajs'

const [url] = process.argv.slice(2)

// The control plane, with nothing but what Node brings. An error is a sentence: what was there instead.
async function call (method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body && JSON.stringify(body)
  })
  const found = await answer.json()
  if (!answer.ok) throw new Error(found.error)
  return found
}

const get = path => call('GET', path)
const post = (path, body = {}) => call('POST', path, body)

async function reset () {
  await post('/v1/reset')
  await post('/v1/topics', { name: 'orders' })
}

async function kafka () {
  return new kafkajs.Kafka({ ...(await get('/v1/client-configs/kafkajs')), logLevel: kafkajs.logLevel.NOTHING })
}

// The application: a consumer that reads from the end, and commits.
async function application () {
  const found = { last: null }
  const consumer = (await kafka()).consumer({ groupId: 'app', heartbeatInterval: 100, maxWaitTimeInMs: 50 })
  await consumer.connect()
  await consumer.subscribe({ topic: 'orders' })
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message, heartbeat }) => {
      found.last = message.value.toString()
      await heartbeat()
    }
  })
  return { found, stop: () => consumer.disconnect() }
}

const tests = {
  async 'a fault that is retriable is tried again' () {
    const fault = await post('/v1/faults', { api: 'Produce', what: 'NOT_LEADER_OR_FOLLOWER', topic: 'orders', partition: 0 })
    const producer = (await kafka()).producer({ idempotent: true })
    await producer.connect()
    await producer.send({ topic: 'orders', messages: [{ value: 'once' }] })
    await producer.disconnect()
    assert.equal((await post('/v1/waits/fault', { fault: fault.id })).length, 1)
    const records = await get('/v1/topics/orders/records')
    assert.deepEqual(records.map(record => record.value), ['once'])
    assert.equal((await get('/v1/requests?api=Produce')).count, 2)
  },

  async 'a consumer that reads from the end misses nothing once it has its assignment' () {
    const app = await application()
    try {
      await post('/v1/waits/assignment', { group: 'app', members: 1 })
      await post('/v1/topics/orders/records', { key: 'k', value: 'hello' })
      await post('/v1/waits/consumed', { group: 'app', topic: 'orders' })
      assert.equal(app.found.last, 'hello')
    } finally {
      await app.stop()
    }
  },

  async 'a member that sleeps for a day is dismissed' () {
    const app = await application()
    try {
      const before = await post('/v1/waits/assignment', { group: 'app' })
      await post('/v1/clock/advance', { by_ms: 86_400_000, keep_sessions: true })
      assert.equal((await get('/v1/groups/app')).members[0].id, before.members[0].id)
      await post('/v1/clock/advance', { by_ms: 86_400_000 })
      await post('/v1/waits/request', { api: 'Heartbeat', group: 'app', error: 'UNKNOWN_MEMBER_ID', timeout_s: 30 })
      const after = await post('/v1/waits/assignment', { group: 'app', timeout_s: 30 })
      assert.notEqual(after.members[0].id, before.members[0].id)
    } finally {
      await app.stop()
    }
  }
}

for (const [name, test] of Object.entries(tests)) {
  await reset()
  try {
    await test()
  } catch (error) {
    error.message = `${name}: ${error.message}`
    throw error
  }
}
console.log('3 passed')
