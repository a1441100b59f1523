from app.core.errors import NotFound


def no_prompt(prompt_id: int) -> NotFound:
    return NotFound({"id": f"there is no prompt {prompt_id}"})
