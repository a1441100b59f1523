"""What the workers of a rebuild have in common; imported once, in the process from which they are forked."""

import gc

import pygments.formatters.html
import pygments.lexers
import slugify

import app.publishing.build.batches

__all__ = ["app", "pygments", "slugify"]

# What is there by now stays: looking through it for garbage would give every worker a copy of its own.
gc.collect()
gc.freeze()
