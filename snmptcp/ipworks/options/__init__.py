"""Options of the asynchronous library, made of the properties and settings."""
