"""What makes the pages in docs/ a site: extensions of Sphinx that docs/conf.py loads, and checks of the result."""
