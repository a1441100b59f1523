"""The wire contract: Pydantic models only, importing nothing of ours."""
