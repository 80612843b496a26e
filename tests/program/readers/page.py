"""A page of docs/ whose Python is run as it stands there."""

import re


def run_page(path):
    """Runs its blocks of Python, one after the other; returns their variables."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    variables = {"__name__": "page"}
    for block in re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        # As many lines before it as in the page, for the line numbers of errors.
        code = "\n" * text.count("\n", 0, block.start(1)) + block[1]
        exec(compile(code, path, "exec"), variables)
    return variables
