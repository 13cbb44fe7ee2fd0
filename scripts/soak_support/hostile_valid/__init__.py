"""Requests that are valid and unkind: each is sent while probes measure what other clients notice of it.

`frames` and `batches` build bytes cheaply, `world` is what a case may do, `probes` a process of its own that measures, `runner`
puts a broker, the probes and a case together and gives the verdict, `catalogue` lists the cases.
"""
