"""Pages of a site as bytes: pure functions of what is given, so that the same input gives the same page.

Every link in a page is relative, those for machines that have to be absolute aside; only the page for missing
addresses, shown at any depth, links from the host's root.
"""
