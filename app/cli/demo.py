"""`pygai demo`: the demo's data without serving."""

from app.cli.options import AsJson


def demo(as_json: AsJson = False) -> None:
    """Load the demo: topic, intervals, configs, a site, three prompts and a client. Twice does no harm.

    The client's password is made up anew each time.

    Examples:

    - `pygai demo`
    - `pygai demo --json`
    """
    from app.cli.output import print_row
    from app.cli.running import run
    from app.cli.walk import DEMO_USER, load_demo_into

    password = run(load_demo_into)
    print_row({"user": DEMO_USER, "password": password}, as_json=as_json)
