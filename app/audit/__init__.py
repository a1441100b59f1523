"""The audit log: who changed what, when; never a secret and never a text."""
