"""What the library costs, beside the raw wire and beside its peers: ``python -m benchmarks``."""
