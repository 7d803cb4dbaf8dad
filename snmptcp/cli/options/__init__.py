"""Options that several commands share: argparse definitions, and the dataclasses that hold the parsed values."""
