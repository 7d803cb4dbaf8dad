"""From settings to the options of the asynchronous library."""
