"""What a broker tells Prometheus: seen in turns of the event loop (`scrape.py`), written in a thread (`exposition.py`)."""
