const POLL_MS = 50

/** What the library delivered and nobody has polled yet, and the positions after what was polled; for one generation of the group. */
export class Buffer {
  #records = []
  #positions = {}
  #wake = () => {}

  push (record) {
    this.#records.push(record)
    this.#wake()
  }

  /** Returns when there are records, or after a little while. */
  async arrival () {
    if (this.#records.length > 0) return
    await new Promise(resolve => {
      const timer = setTimeout(resolve, POLL_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  take () {
    const taken = this.#records
    this.#records = []
    for (const { partition, offset } of taken) this.#positions[partition] = Number(offset) + 1
    return taken
  }

  positions () {
    return { ...this.#positions }
  }

  drop (partition) {
    this.#records = this.#records.filter(record => record.partition !== partition)
  }

  clear () {
    this.#records = []
    this.#positions = {}
  }
}
