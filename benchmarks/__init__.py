"""The library's cost, compared with the raw wire and with its peers: ``python -m benchmarks``."""
