"""What the command line takes: options, addresses, values, certificates."""
