"""What machines read of a site: feeds, sitemaps, twins, records, structured data and the search index.

Pure functions from values to files: no clock, no database, no storage.
"""
