"""Clients without credentials: what those who have some notice of a crowd of them.

`known` is a process of clients that belong there, each at a steady pace, `crowd` one of those that do not, `command` puts a
broker, both and the case together and gives the verdict: latencies beside those under the same load on the machine, memory,
descriptors.
"""
