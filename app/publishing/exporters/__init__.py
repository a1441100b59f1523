"""Markdown for the sites of others: what `tmpl` = `mkdocs` and `tmpl` = `hugo` write instead of pages.

The text is hostile, and what builds such a site obeys more than Markdown: raw HTML, attribute lists, templates,
shortcodes, included files. So no letter of it is passed on as it stands: it is read into a tree (`reading`), and
that tree is written as new Markdown (`writing`) in which everything that could mean something is escaped.
"""
