"""The security models: protecting and opening messages, without I/O and without reading a clock."""
