"""Every property, setting and event of the class, as data."""
