"""Client quotas (KIP-13, 55, 124, 219, 546, 599, 612): what is measured, against which limit, and how long somebody waits.

Three things in three places, as in Kafka: `rates.py` measures over windows, `limits.py` says which quota a client has, and
`clients.py`, `mutations.py` and `connections.py` bring both together and answer a throttle time. None of them looks at a clock.
Who acts on it, by muting connections and by `throttle_time_ms`, is `api/throttling.py` and `server/throttled_sockets.py`.
"""
